/** Recipients as people paste them: one or many, with names or without, as mail programs copy them. */
import { displayName, mailAddress } from "@safeconduct/contract";

/** What is pasted at once; anything longer is no list of recipients. */
export const PASTE_LIMIT_CHARACTERS = 20_000;
const SHOWN_CHARACTERS = 60;

interface NamedAddress {
  readonly address: string;
  /** Empty where none was given. */
  readonly name: string;
}

export interface PastedAddresses {
  readonly found: readonly NamedAddress[];
  /** Pieces that are no addresses, as they were pasted. */
  readonly left: readonly string[];
}

/**
 * Apart by line breaks, semicolons, and commas where those are not part of a name: `Lind, Anna <anna@example.org>; b@example.org`.
 * An address that comes twice counts once.
 */
export function readAddresses(pasted: string): PastedAddresses {
  const found = new Map<string, NamedAddress>();
  const left: string[] = [];
  // Not cut: half an address may be somebody else's.
  if (pasted.length > PASTE_LIMIT_CHARACTERS) return { found: [], left: [pasted.slice(0, SHOWN_CHARACTERS)] };
  for (const piece of piecesOf(pasted)) {
    const read = readAddress(piece);
    if (read === null) left.push(piece);
    else if (!found.has(sameAddress(read.address))) found.set(sameAddress(read.address), read);
  }
  return { found: [...found.values()], left };
}

/** Two spellings of one mailbox, as far as anybody but its host may say: the server compares them so. */
export const sameAddress = (address: string): string => address.trim().toLowerCase();

/** `Anna Lind <anna@example.org>` or the address alone. */
function readAddress(piece: string): NamedAddress | null {
  const named = /^([^<>]*)<([^<>]+)>$/u.exec(piece);
  const address = mailAddress.safeParse(named?.[2] ?? piece);
  if (!address.success) return null;
  const name = displayName().safeParse((named?.[1] ?? "").replaceAll(/^[\s"']+|[\s"']+$/gu, ""));
  return { address: address.data, name: name.success ? name.data : "" };
}

function piecesOf(text: string): string[] {
  return text
    .split(/[\n\r;]+/u)
    .flatMap((line) =>
      line.split("<").length === 2 && line.trim().endsWith(">") ? [line] : line.split(/(?<=>)\s*,|,(?![^<>]*<)/u),
    )
    .flatMap((piece) => (piece.includes("<") ? [piece] : piece.split(/,/u)))
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
}
