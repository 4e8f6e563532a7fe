/** What every command is given. */
import type { ClientPorts } from "@safeconduct/client";
import type { Terminal } from "./terminal.ts";

export interface Context {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ports of the client against `origin`, acting with `bearer` where there is one. */
  readonly connect: (origin: string, bearer?: string) => ClientPorts;
}
