/** `log verify` and `log mirror`: the whole audit log, checked with no trust in the server beyond the pinned key. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { boundedBody } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, utf8Text } from "@safeconduct/foundation";
import {
  ENTRY_LIMIT_BYTES,
  mirrorLog,
  NOTE_LIMIT_CHARACTERS,
  openCheckpoint,
  TILE_WIDTH,
  type VerifierKey,
  verifyLog,
} from "@safeconduct/ledger";
import { noteFile, openTileFolder, openTileStore, WITNESSED_FILE } from "@safeconduct/ledger-fs";
import { accountFolder, readAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { demandedPolicy, pinnedLogKey, TRUST_OPTIONS, witnessWords } from "../log-trust.ts";

const TILE_LIMIT_BYTES = TILE_WIDTH * (ENTRY_LIMIT_BYTES + 2);

/** A log that somebody serves, or a copy in a folder. */
interface ReadableLog {
  readonly checkpointText: string;
  /** The newest checkpoint that carries the witnesses' quorum, where there is one. */
  readonly witnessedText: string | null;
  readTile(path: string): Promise<Bytes | null>;
}

/** Rebuilds every tile and the root from the entries. Problems: `cli/not-verified` and those of {@link openLog}. */
export async function verifyLogCommand(context: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { ...TRUST_OPTIONS, "checkpoint-url": "text" },
    positionals: { min: 0, max: 1 },
  });
  const { terminal, environment } = context;
  const logKey = await pinnedLogKey(environment, options.key);
  const policy = await demandedPolicy(options);
  const [copy] = positionals;
  const log = copy === undefined ? await servedLog(context, options["checkpoint-url"]) : await copiedLog(copy);
  const { sha256, signatures } = nodeCrypto();
  const folder = accountFolder(environment);
  // The log must still contain what it showed us last time: a server that was rolled back, or shows us another log, is found.
  // A copy in a folder may well be older than what this device has seen.
  const earlierText = copy === undefined ? await readFile(seenFile(folder, logKey), "utf8").catch(() => null) : null;
  const verdict = await verifyLog(
    { sha256, signatures },
    {
      checkpointText: log.checkpointText,
      logKey,
      policy,
      readTile: (path) => log.readTile(path),
      ...(earlierText === null ? {} : { earlierText }),
      ...(log.witnessedText === null || policy.quorum === null ? {} : { witnessedText: log.witnessedText }),
    },
  );
  if (!verdict.ok) {
    const place = verdict.path === undefined ? "" : ` at ${verdict.path}`;
    throw cliProblem("cli/not-verified", `The log does not hold: ${verdict.failure}${place}.`);
  }
  // Worth having, not worth failing for: the verdict stands without it.
  if (copy === undefined)
    await mkdir(folder, { recursive: true, mode: 0o700 })
      .then(() => writeFile(seenFile(folder, logKey), log.checkpointText))
      .catch(() => undefined);
  const { checkpoint, witnesses, witnessedSize } = verdict;
  terminal.result(
    {
      valid: true,
      origin: checkpoint.origin,
      size: checkpoint.size,
      witnesses: witnesses.map(({ key, timestamp }) => ({ name: key.name, size: witnessedSize, at: timestamp })),
    },
    [
      `The log holds: ${checkpoint.size} entries under the checkpoint of ${checkpoint.origin}.`,
      ...witnessWords(witnesses, witnessedSize),
    ],
  );
}

/** Makes a copy, or brings one up to date; nothing that does not lead to the signed root is written. */
export async function mirrorLogCommand(context: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { key: "text", "checkpoint-url": "text" },
    positionals: { min: 1, max: 1 },
  });
  const { terminal, environment } = context;
  const logKey = await pinnedLogKey(environment, options.key);
  const log = await servedLog(context, options["checkpoint-url"]);
  const folder = resolve(positionals[0] ?? "");
  await mkdir(folder, { recursive: true }).catch(() => {
    throw cliProblem("cli/unwritable-folder", "The copy cannot be written there.");
  });
  // Only here, because most commands need no database.
  const { lockFolder } = await import("@safeconduct/sqlite");
  const lock = lockFolder(folder);
  try {
    const { sha256, signatures } = nodeCrypto();
    const source = { readTile: (path: string) => log.readTile(path), checkpointText: log.checkpointText, logKey };
    const verdict = await mirrorLog({ sha256, signatures }, source, await openTileStore(folder));
    if (!verdict.ok) throw cliProblem("cli/not-verified", `The log was not copied: ${verdict.failure}.`);
    const { checkpoint, added } = verdict;
    const { witnessedText } = log;
    if (witnessedText !== null && (await openCheckpoint(signatures, witnessedText, { logKey })) !== null)
      await noteFile(join(folder, WITNESSED_FILE)).write(witnessedText);
    terminal.result({ origin: checkpoint.origin, size: checkpoint.size, added, folder }, [
      `${checkpoint.size} entries of ${checkpoint.origin}, ${added} of them new, in ${folder}`,
    ]);
  } finally {
    lock.release();
  }
}

/** The last checkpoint of this log that this device has verified. */
const seenFile = (folder: string, { keyId }: VerifierKey): string =>
  join(folder, `checkpoint-${keyId.toString(16).padStart(8, "0")}`);

async function copiedLog(name: string): Promise<ReadableLog> {
  const folder = resolve(name);
  const tiles = openTileFolder(folder);
  const checkpointText = await tiles.readCheckpoint().catch(() => null);
  if (checkpointText === null) throw cliProblem("cli/unreadable-file", "That folder holds no copy of a log.");
  const witnessedText = await noteFile(join(folder, WITNESSED_FILE)).read();
  return { checkpointText, witnessedText, readTile: (path) => tiles.readTile(path) };
}

/** Over HTTP, from this device's server unless an address is given. */
async function servedLog({ environment, signal, connect }: Context, url: string | undefined): Promise<ReadableLog> {
  const checkpointUrl = url ?? `${(await readAccount(accountFolder(environment))).server}/ledger/checkpoint`;
  if (!URL.canParse(checkpointUrl))
    throw cliProblem("cli/usage", "--checkpoint-url takes the whole address of a checkpoint.");
  const base = checkpointUrl.replace(/checkpoint$/, "");
  const client = connect(new URL(checkpointUrl).origin);
  const fetchBytes = async (address: string, limitBytes: number) => {
    const response = await client.fetch(address, { signal, redirect: "error" }).catch(() => null);
    if (response === null || !response.ok) return null;
    return boundedBody(response, limitBytes).catch(() => null);
  };
  const note = async (address: string) => {
    const bytes = await fetchBytes(address, 3 * NOTE_LIMIT_CHARACTERS);
    return bytes && utf8Text(bytes);
  };
  // Before the newest, so that it is never ahead of it.
  const witnessedText = await note(base + WITNESSED_FILE);
  const checkpointText = await note(checkpointUrl);
  if (checkpointText === null) throw cliProblem("cli/not-verified", "The checkpoint could not be read.");
  return { checkpointText, witnessedText, readTile: (path) => fetchBytes(base + path, TILE_LIMIT_BYTES) };
}
