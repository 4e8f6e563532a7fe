/** Where a PKCS#11 token is, as a URI of RFC 7512: `pkcs11:token=LABEL?module-path=FILE&pin-source=file:FILE`. */

import { readFile } from "node:fs/promises";

export interface TokenAddress {
  /** Path of the PKCS#11 library. */
  readonly module: string;
  readonly label: string;
  readonly pin: string;
}

/** The same, with the PIN still in its file. */
export interface TokenUri {
  readonly module: string;
  readonly label: string;
  readonly pinFile: string;
}

/** Null for anything but these three attributes, once each; no PIN may stand in the URI itself. */
export function parseTokenUri(text: string): TokenUri | null {
  const [, path = "", query = ""] = /^pkcs11:([^?]+)\?(.+)$/.exec(text) ?? [];
  const label = attribute(path, ";", "token");
  const [module, pinSource] = [attribute(query, "&", "module-path"), attribute(query, "&", "pin-source")];
  const pinFile = pinSource?.startsWith("file:/") ? pinSource.slice("file:".length) : null;
  const whole = path.split(";").length === 1 && query.split("&").length === 2;
  if (!whole || label === null || module === null || pinFile === null || !module.startsWith("/")) return null;
  return { module, label, pinFile };
}

/** With the PIN: the first line of its file. Rejects where that cannot be read or is empty. */
export async function readTokenAddress({ module, label, pinFile }: TokenUri): Promise<TokenAddress> {
  const [pin = ""] = (await readFile(pinFile, "utf8")).split("\n");
  if (pin === "") throw new RangeError("the PIN file is empty");
  return { module, label, pin };
}

function attribute(list: string, separator: string, name: string): string | null {
  const found = list.split(separator).filter((each) => each.startsWith(`${name}=`));
  const [only] = found;
  if (only === undefined || found.length !== 1) return null;
  try {
    const value = decodeURIComponent(only.slice(name.length + 1));
    return value === "" || value.includes("\0") ? null : value;
  } catch {
    return null;
  }
}
