/** Command-line options of the key service. Secrets are never among them. */
import { parseArgs } from "node:util";
import { type Bytes, hexBytes } from "@safeconduct/foundation";
import { SIGNING_KEY_BYTES } from "@safeconduct/keyring";
import { CannotStart, EXIT_CODES } from "./exit-codes.ts";

const USAGE = "Usage: keys --home FOLDER --api-public-key HEX [--port NUMBER] [--with-parent]";
const HIGHEST_PORT = 65_535;

export interface KeysOptions {
  readonly home: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly apiPublicKey: Bytes;
  /** End when standard input ends, so that the service does not outlive who started it. */
  readonly withParent: boolean;
}

/** Throws `CannotStart` with the usage. */
export function parseOptions(args: readonly string[]): KeysOptions {
  const values = parseValues(args);
  const { home, port: portText = "0" } = values;
  const apiPublicKey = hexBytes(values["api-public-key"] ?? "");
  if (home === undefined || home === "") throw wrongUsage("--home is missing.");
  if (apiPublicKey?.length !== SIGNING_KEY_BYTES) {
    throw wrongUsage(`--api-public-key needs ${2 * SIGNING_KEY_BYTES} hexadecimal digits.`);
  }
  const port = /^[0-9]{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port <= HIGHEST_PORT)) throw wrongUsage(`--port needs a number from 0 to ${HIGHEST_PORT}.`);
  return { home, port, apiPublicKey, withParent: values["with-parent"] ?? false };
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
