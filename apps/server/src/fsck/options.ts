/** The words of `safeconduct fsck`. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

export interface FsckOptions {
  /** Data folder, absolute; null where it is not said here. */
  readonly home: string | null;
  /** Absolute. */
  readonly configurationFile: string | null;
  readonly repair: boolean;
  /** Parts by name and length alone; their bytes are not read. */
  readonly quick: boolean;
  readonly json: boolean;
  /** As `npm start` has it. */
  readonly master: string | null;
  readonly help: boolean;
}

export const FSCK_USAGE = `safeconduct fsck: checks the data folder of an instance that is not running

  safeconduct fsck                        database, ledger, ciphertext and keys in ~/.safeconduct
  safeconduct fsck --home FOLDER          another data folder
  safeconduct fsck --config FILE          data folder and database as npm start has them
  safeconduct fsck --master pkcs11:URI    the key service's master keys as npm start has them
  safeconduct fsck --quick                do not read the ciphertext, only names and lengths
  safeconduct fsck --repair               also remove what is left over and add what waits for the ledger
  safeconduct fsck --json                 one JSON line

Exit codes: 0 clean, 10 repaired, 11 leftovers that --repair mends, 65 damaged, 64 wrong words, 69 there is nothing to check
or it cannot be opened, 75 the instance is running.
`;

export function parseFsckOptions(args: readonly string[]): FsckOptions {
  const values = parse(args);
  if (values.home === "") throw new UsageError("--home takes a folder");
  return {
    home: values.home === undefined ? null : resolve(values.home),
    configurationFile: values.config === undefined ? null : resolve(values.config),
    repair: values.repair ?? false,
    quick: values.quick ?? false,
    json: values.json ?? false,
    master: values.master ?? null,
    help: values.help ?? false,
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
      options: { home: text, config: text, master: text, repair: flag, quick: flag, json: flag, help: flag },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : "");
  }
}
