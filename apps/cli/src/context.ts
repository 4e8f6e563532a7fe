/** What every command is given. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientPorts } from "@safeconduct/client";
import { apiClient } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Terminal } from "./terminal.ts";

export interface Context {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Ports of the client against `origin`, acting with `bearer` where there is one. */
export function clientPorts(origin: string, bearer?: string): ClientPorts {
  return {
    crypto: nodeCrypto(),
    api: apiClient({ origin, fetch: globalThis.fetch, ...(bearer === undefined ? {} : { bearer }) }),
    fetch: globalThis.fetch,
    wait: async (milliseconds, signal) => {
      await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
    },
  };
}
