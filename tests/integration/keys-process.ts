/** The key service as its own process, for tests: started in a folder, asked through its signed channel, killed at will. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64UrlBytes, type Bytes, hexText } from "@safeconduct/foundation";
import { type KeyServiceClient, openKeyServiceClient } from "@safeconduct/keys-http";
import { systemClock } from "@safeconduct/system";

export const crypto = nodeCrypto();
export const clock = systemClock();

const MAIN = fileURLToPath(new URL("../../apps/keys/src/main.ts", import.meta.url));

export interface ApiKeys {
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

export interface KeyProcess {
  readonly keys: KeyServiceClient;
  readonly url: string;
  readonly signingPublicKey: Bytes;
  readonly child: ChildProcess;
  /** Log events so far, one JSON object a line. */
  readonly stderr: () => string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves with the exit code when it has ended by itself. */
  readonly ended: Promise<number | null>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** The process ended instead of starting. */
export class DidNotStart extends Error {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(exitCode: number | null, stderr: string) {
    super(`ended with ${exitCode}: ${stderr}`);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export async function startKeyProcess(
  { home, api }: { home: string; api: ApiKeys },
  args: readonly string[] = [],
): Promise<KeyProcess> {
  const options = ["--home", home, "--api-public-key", hexText(api.publicKey), ...args];
  const child = spawn(process.execPath, [MAIN, ...options], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exited = once(child, "close").then(([code]: (number | null)[]) => code ?? null);
  const line = once(createInterface(child.stdout), "line").then(([text]: string[]) => text ?? "");
  const first = await Promise.race([line, exited]);
  if (typeof first !== "string") throw new DidNotStart(first, stderr);
  const started: { port: number; signingPublicKey: string } = JSON.parse(first);
  const signingPublicKey = parsed(started.signingPublicKey);
  const url = `http://127.0.0.1:${started.port}`;
  const pinned = { signingPublicKey };
  return {
    keys: openKeyServiceClient({ ...crypto, clock }, { url, apiSigningKey: api.privateKey, pinned }),
    url,
    signingPublicKey,
    child,
    stderr: () => stderr,
    ended: exited,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

function parsed(text: string): Bytes {
  const bytes = base64UrlBytes(text);
  if (bytes === null) throw new Error("not base64url");
  return bytes;
}
