/** `log verify` and `certificate verify`: what needs no trust in the server beyond the key that this device has pinned. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { boundedBody } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  CERTIFICATE_LIMIT_CHARACTERS,
  ENTRY_LIMIT_BYTES,
  parseCertificate,
  parseVerifierKey,
  TILE_WIDTH,
  verifyCertificate,
  verifyLog,
  type VerifierKey,
} from "@safeconduct/ledger";
import { accountFolder, readAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { timeWords } from "../terminal.ts";

const CHECKPOINT_LIMIT_CHARACTERS = 65_536;
const TILE_LIMIT_BYTES = TILE_WIDTH * (ENTRY_LIMIT_BYTES + 2);

/** Reads the whole log over HTTP and rebuilds every tile and the root. */
export async function verifyLogCommand(
  { terminal, environment, signal, connect }: Context,
  args: readonly string[],
): Promise<void> {
  const { options } = readWords(args, {
    options: { "checkpoint-url": "text", key: "text" },
    positionals: { min: 0, max: 0 },
  });
  const account = options["checkpoint-url"] === undefined ? await readAccount(accountFolder(environment)) : null;
  const checkpointUrl = options["checkpoint-url"] ?? `${account?.server ?? ""}/ledger/checkpoint`;
  if (!URL.canParse(checkpointUrl))
    throw cliProblem("cli/usage", "--checkpoint-url takes the whole address of a checkpoint.");
  const verifierKey = await pinnedKey(environment, options.key);
  const base = checkpointUrl.replace(/checkpoint$/, "");
  const client = connect(new URL(checkpointUrl).origin);
  const fetchBytes = async (url: string) => {
    const response = await client.fetch(url, { signal, redirect: "error" }).catch(() => null);
    if (response === null || !response.ok) return null;
    return boundedBody(response, TILE_LIMIT_BYTES).catch(() => null);
  };
  const checkpoint = await fetchBytes(checkpointUrl);
  if (checkpoint === null || checkpoint.length > CHECKPOINT_LIMIT_CHARACTERS)
    throw cliProblem("cli/not-verified", "The checkpoint could not be read.");
  const { sha256, signatures } = nodeCrypto();
  const folder = accountFolder(environment);
  // The log must still contain what it showed us last time: a server that was rolled back, or shows us another log, is found.
  const earlierText = await readFile(seenFile(folder, verifierKey), "utf8").catch(() => null);
  const checkpointText = Buffer.from(checkpoint).toString("utf8");
  const verdict = await verifyLog(
    { sha256, signatures },
    {
      checkpointText,
      logKey: verifierKey,
      readTile: (path) => fetchBytes(base + path),
      ...(earlierText === null ? {} : { earlierText }),
    },
  );
  if (!verdict.ok) throw cliProblem("cli/not-verified", `The log does not hold: ${verdict.failure}.`);
  // Worth having, not worth failing for: the verdict stands without it.
  await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => writeFile(seenFile(folder, verifierKey), checkpointText))
    .catch(() => undefined);
  terminal.result({ valid: true, origin: verdict.checkpoint.origin, size: verdict.checkpoint.size }, [
    `The log holds: ${verdict.checkpoint.size} entries under the checkpoint of ${verdict.checkpoint.origin}.`,
  ]);
}

/** The last checkpoint of this log that this device has verified. */
const seenFile = (folder: string, { keyId }: VerifierKey): string =>
  join(folder, `checkpoint-${keyId.toString(16).padStart(8, "0")}`);

/** Offline: the file and the pinned key are all that is needed. */
export async function verifyCertificateCommand(
  { terminal, environment }: Context,
  args: readonly string[],
): Promise<void> {
  const { positionals, options } = readWords(args, { options: { key: "text" }, positionals: { min: 1, max: 1 } });
  const text = await readFile(resolve(positionals[0] ?? ""), "utf8").catch(() => {
    throw cliProblem("cli/unreadable-file");
  });
  const certificate = parseCertificate(text.slice(0, CERTIFICATE_LIMIT_CHARACTERS + 1));
  const { sha256, signatures } = nodeCrypto();
  const verdict = await verifyCertificate({ sha256, signatures }, certificate, {
    logKey: await pinnedKey(environment, options.key),
  });
  if (!verdict.ok) throw cliProblem("cli/not-verified", `The certificate does not hold: ${verdict.failure}.`);
  terminal.result(
    {
      valid: true,
      transfer: certificate.transfer,
      entries: certificate.entries.map(({ index, event }) => ({ index, event })),
    },
    [
      `The certificate holds. Transfer ${certificate.transfer}, ${certificate.entries.length} entries:`,
      ...certificate.entries.map(({ index, event }) => `  #${index}  ${event === null ? "erased" : eventWords(event)}`),
    ],
  );
}

const eventWords = (event: { readonly [key: string]: unknown }): string =>
  `${typeof event["at"] === "number" ? timeWords(event["at"]) : ""}  ${String(event["type"])}${event["outcome"] === "done" ? "" : ` (${String(event["outcome"])})`}`;

/** `--key FILE` for somebody else's log; otherwise the key that this device pinned at login. */
async function pinnedKey(environment: NodeJS.ProcessEnv, file: string | undefined): Promise<VerifierKey> {
  const text =
    file === undefined
      ? (await readAccount(accountFolder(environment))).ledgerVerifierKey
      : await readFile(resolve(file), "utf8").catch(() => {
          throw cliProblem("cli/unreadable-file");
        });
  const key = parseVerifierKey(nodeCrypto().sha256, text.trim());
  if (key === null) throw cliProblem("cli/usage", "That file holds no verifier key.");
  return key;
}
