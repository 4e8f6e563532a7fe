/**
 * The key service as a process: `node main.ts --home FOLDER --api-public-key HEX [--ledger-key KEY] [--master pkcs11:URI] [--port NUMBER] [--with-parent]`.
 * Prints one JSON line {port, signingPublicKey} when it is ready, then log events as JSON lines on
 * standard error. Why it cannot start is one plain line there. Exit codes: exit-codes.ts.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64UrlText } from "@safeconduct/foundation";
import { sleeplessClock } from "@safeconduct/system";
import { CannotStart, EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { startKeyServer } from "./key-server.ts";
import type { KeysLog } from "./log.ts";
import { parseOptions } from "./options.ts";

/** Often enough to notice a jump before the next destruction, and to have a mark that is a minute old at most. */
const KEEP_TIME_EVERY_MS = 15_000;

const log: KeysLog = (event) => process.stderr.write(`${JSON.stringify(event)}\n`);

// Node still calls its ML-KEM experimental. Four lines of that at every start would bury the one that matters.
process.removeAllListeners("warning").on("warning", ({ name }) => {
  if (name !== "ExperimentalWarning") log({ event: "keys/warned" });
});

try {
  const crypto = nodeCrypto();
  const options = parseOptions(process.argv.slice(2), crypto.sha256);
  const stopped = Promise.withResolvers<ExitCode>();
  const onStoreLost = () => {
    log({ event: "keys/store-lost" });
    stopped.resolve(EXIT_CODES.storeLost);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopped.resolve(EXIT_CODES.stopped));
  if (options.withParent) process.stdin.resume().once("close", () => stopped.resolve(EXIT_CODES.stopped));

  const server = await startKeyServer({ crypto, clock: sleeplessClock(), log, onStoreLost }, options);
  const { port } = server;
  const timer = setInterval(() => void server.keepTime(), KEEP_TIME_EVERY_MS);
  const signingPublicKey = base64UrlText(server.signingPublicKey);
  process.stdout.write(`${JSON.stringify({ port, signingPublicKey })}\n`);
  log({ event: "keys/started", port });

  const exitCode = await stopped.promise;
  clearInterval(timer);
  await server.close();
  log({ event: "keys/stopped" });
  process.exit(exitCode);
} catch (error) {
  if (!(error instanceof CannotStart)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
}
