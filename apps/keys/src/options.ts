/** Command-line options of the key service. Secrets are never among them. */
import { parseArgs } from "node:util";
import { type Bytes, hexBytes, type Sha256 } from "@safeconduct/foundation";
import { SIGNING_KEY_BYTES } from "@safeconduct/keyring";
import { parseVerifierKey, type VerifierKey } from "@safeconduct/ledger";
import { parseTokenUri, type TokenUri } from "@safeconduct/keyring-file";
import { CannotStart, EXIT_CODES } from "./exit-codes.ts";

const USAGE =
  "Usage: keys --home FOLDER --api-public-key HEX [--ledger-key KEY] [--master pkcs11:URI] [--port NUMBER] [--with-parent]";
const HIGHEST_PORT = 65_535;

export interface KeysOptions {
  readonly home: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly apiPublicKey: Bytes;
  /** The main ledger's verifier key; counts until the first checkpoint was seen, and not after. */
  readonly ledgerKey?: VerifierKey | undefined;
  /** The token that holds the master keys; without one they are files in the folder. */
  readonly master?: TokenUri | undefined;
  /** End when standard input ends, so that the service does not outlive who started it. */
  readonly withParent: boolean;
}

/** Throws `CannotStart` with the usage. */
export function parseOptions(args: readonly string[], sha256: Sha256): KeysOptions {
  const values = parseValues(args);
  const { home, port: portText = "0" } = values;
  const apiPublicKey = hexBytes(values["api-public-key"] ?? "");
  if (home === undefined || home === "") throw wrongUsage("--home is missing.");
  if (apiPublicKey?.length !== SIGNING_KEY_BYTES) {
    throw wrongUsage(`--api-public-key needs ${2 * SIGNING_KEY_BYTES} hexadecimal digits.`);
  }
  const port = /^[0-9]{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port <= HIGHEST_PORT)) throw wrongUsage(`--port needs a number from 0 to ${HIGHEST_PORT}.`);
  const ledgerText = values["ledger-key"];
  const ledgerKey = ledgerText === undefined ? undefined : parseVerifierKey(sha256, ledgerText);
  if (ledgerKey === null) throw wrongUsage("--ledger-key needs a verifier key in its text form.");
  const master = values.master === undefined ? undefined : parseTokenUri(values.master);
  if (master === null) {
    throw wrongUsage("--master needs pkcs11:token=LABEL?module-path=FILE&pin-source=file:FILE.");
  }
  return { home, port, apiPublicKey, ledgerKey, master, withParent: values["with-parent"] ?? false };
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        home: { type: "string" },
        port: { type: "string" },
        "api-public-key": { type: "string" },
        "ledger-key": { type: "string" },
        master: { type: "string" },
        "with-parent": { type: "boolean" },
      },
    }).values;
  } catch {
    throw wrongUsage("An option is unknown or lacks its value.");
  }
}

function wrongUsage(reason: string): CannotStart {
  return new CannotStart(EXIT_CODES.usage, `${reason} ${USAGE}`);
}
