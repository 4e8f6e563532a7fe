/** The command line of the server. Secrets never stand here: they are files in the data folder. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { GIB_BYTES, GRACE_MAX_SECONDS, QUOTA_MAX_GIB } from "./configuration/schema.ts";

export interface ServerOptions {
  /** A configuration file; null: an evaluation instance. What stands here comes before what stands there. */
  readonly configurationFile: string | null;
  /** Data folder, absolute; null where it is not said here, as in all that follow. */
  readonly home: string | null;
  /** 0 lets the system choose. */
  readonly port: number | null;
  /** One JSON line on standard output instead of words. */
  readonly json: boolean;
  /** Time between an expiry and the destruction of shares and blob. */
  readonly expiryGraceMs: number | null;
  /** After a restored backup: go on with a log of a new origin that names where the old one was left. */
  readonly newLedgerOrigin: boolean;
  /** What the ciphertext of one organisation may take. */
  readonly quotaBytes: number | null;
  /** A witness policy (C2SP tlog-policy) with the addresses of witnesses. */
  readonly witnessFile: string | null;
  /** RFC 7512 address of the PKCS#11 token with the key service's master keys; null: files in its folder. The key service reads it. */
  readonly master: string | null;
  readonly help: boolean;
}

export const DEFAULT_PORT = 8400;
export const DEFAULT_GRACE_SECONDS = 3600;

export const USAGE = `Safeconduct server

  npm start                               an evaluation instance on http://localhost:${DEFAULT_PORT}, data in ~/.safeconduct
  npm start -- --config FILE              address, TLS, mail, database and the rest from a file;
                                          npx safeconduct config check FILE says what is wrong with it
  npm start -- --port N                   another port; 0 takes a free one
  npm start -- --home FOLDER              another data folder
  npm start -- --json                     print one JSON line {portal, setup, mailbox, checkpoint} when ready
  npm start -- --expiry-grace SECONDS     from a link's end to the destruction of its keys (default ${DEFAULT_GRACE_SECONDS})
  npm start -- --quota-gib N              room for one organisation's ciphertext (default: as much as the disk has)
  npm start -- --new-ledger-origin        once, after a restored backup: a new audit log that names the old one's end
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
  const number = (name: "port" | "expiry-grace" | "quota-gib", limit: number, unit = 1): number | null => {
    const text = name === "port" ? port : rest[name];
    return text === undefined ? null : wholeNumber(`--${name}`, text, limit) * unit;
  };
  return {
    configurationFile: rest.config === undefined ? null : resolve(rest.config),
    home: home === undefined ? null : resolve(home),
    port: number("port", 65_535),
    json: json ?? false,
    expiryGraceMs: number("expiry-grace", GRACE_MAX_SECONDS, 1000),
    quotaBytes: number("quota-gib", QUOTA_MAX_GIB, GIB_BYTES),
    newLedgerOrigin: rest["new-ledger-origin"] ?? false,
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
        "new-ledger-origin": flag,
        config: text,
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
