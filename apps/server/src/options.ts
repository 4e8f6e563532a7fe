/** The command line of the server. Secrets never stand here: they are files in the data folder. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

export interface ServerOptions {
  /** Data folder, absolute. */
  readonly home: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** One JSON line on standard output instead of words. */
  readonly json: boolean;
  /** Time between an expiry and the destruction of shares and blob. */
  readonly expiryGraceMs: number;
  /** A JSON file that describes a PostgreSQL database; null: SQLite in the data folder. */
  readonly postgresFile: string | null;
  /** After a restored backup: go on with a log of a new origin that names where the old one was left. */
  readonly newLedgerOrigin: boolean;
  /** A JSON file that describes a mail server; null: mails stay on a page of this computer. */
  readonly mailFile: string | null;
  /** What the ciphertext of one organisation may take; null: as much as the disk has. */
  readonly quotaBytes: number | null;
  /** A witness policy (C2SP tlog-policy) with the addresses of witnesses; null: nobody is asked. */
  readonly witnessFile: string | null;
  /** RFC 7512 address of the PKCS#11 token with the key service's master keys; null: files in its folder. The key service reads it. */
  readonly master: string | null;
  readonly help: boolean;
}

const DEFAULT_PORT = 8400;
const DEFAULT_GRACE_SECONDS = 3600;
const GIB_BYTES = 2 ** 30;
/** A pebibyte: more is a slip of the hand. */
const QUOTA_MAX_GIB = 2 ** 20;

export const USAGE = `Safeconduct server (evaluation instance)

  npm start                               run on http://localhost:${DEFAULT_PORT}, data in ~/.safeconduct
  npm start -- --port N                   another port; 0 takes a free one
  npm start -- --home FOLDER              another data folder
  npm start -- --json                     print one JSON line {portal, setup, mailbox, checkpoint} when ready
  npm start -- --expiry-grace SECONDS     from a link's end to the destruction of its keys (default ${DEFAULT_GRACE_SECONDS})
  npm start -- --quota-gib N              room for one organisation's ciphertext (default: as much as the disk has)
  npm start -- --postgres-file FILE       PostgreSQL instead of SQLite; FILE is JSON with host, port, user, database
  npm start -- --new-ledger-origin        once, after a restored backup: a new audit log that names the old one's end
  npm start -- --mail-file FILE           mail through a server; FILE is JSON with host, port, from
  npm start -- --witnesses FILE           have checkpoints cosigned; FILE is a policy: witness NAME KEY URL, …, quorum NAME
  npm start -- --master pkcs11:URI        the key service's master keys in a PKCS#11 token (docs/operations/key-service.md)
`;

/** The words are off. The message says which, in one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function parseOptions(args: readonly string[]): ServerOptions {
  const { home, port, json, help, ...rest } = parse(args);
  // An empty variable in a script must not make the present folder the data folder.
  if (home === "") throw new UsageError("--home takes a folder");
  const grace = wholeNumber("--expiry-grace", rest["expiry-grace"] ?? String(DEFAULT_GRACE_SECONDS), 30 * 24 * 3600);
  return {
    home: resolve(home ?? join(homedir(), ".safeconduct")),
    port: wholeNumber("--port", port ?? String(DEFAULT_PORT), 65_535),
    json: json ?? false,
    expiryGraceMs: grace * 1000,
    quotaBytes:
      rest["quota-gib"] === undefined ? null : wholeNumber("--quota-gib", rest["quota-gib"], QUOTA_MAX_GIB) * GIB_BYTES,
    postgresFile: rest["postgres-file"] === undefined ? null : resolve(rest["postgres-file"]),
    newLedgerOrigin: rest["new-ledger-origin"] ?? false,
    mailFile: rest["mail-file"] === undefined ? null : resolve(rest["mail-file"]),
    witnessFile: rest.witnesses === undefined ? null : resolve(rest.witnesses),
    master: rest.master ?? null,
    help: help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    const flag = { type: "boolean" } as const;
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        home: text,
        port: text,
        json: flag,
        help: flag,
        "expiry-grace": text,
        "quota-gib": text,
        "postgres-file": text,
        "new-ledger-origin": flag,
        "mail-file": text,
        witnesses: text,
        master: text,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : "");
  }
}

function wholeNumber(name: string, text: string, limit: number): number {
  const value = Number(text);
  if (/^[0-9]{1,9}$/.test(text) && value <= limit) return value;
  throw new UsageError(`${name} takes a whole number from 0 to ${limit}`);
}
