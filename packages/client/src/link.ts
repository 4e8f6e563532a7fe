/** A link: where the server is, which grant, and in the fragment what only the recipient may know. */
import { formatFragment, type LinkFragment, parseFragment } from "@safeconduct/envelope";
import { type GrantId, parseId } from "@safeconduct/foundation";

export interface Link {
  /** For example `https://files.example.org`, without a slash at the end. */
  readonly origin: string;
  readonly grant: GrantId;
  readonly fragment: LinkFragment;
}

const LINK_LIMIT_CHARACTERS = 2048;

export function formatLink({ origin, grant, fragment }: Link): string {
  return `${origin}/r/${grant}#${formatFragment(fragment)}`;
}

/** Longer than a link by what mail programs put around and into it. */
const PASTED_LIMIT_CHARACTERS = 2 * LINK_LIMIT_CHARACTERS;

/**
 * Reads attacker-controlled text. Forgiven is what mail programs and people put around a link or break it with: white space
 * anywhere, brackets and quotes around it, punctuation after it. Null for anything but a whole link over http or https.
 */
export function parseLink(pasted: string): Link | null {
  if (pasted.length > PASTED_LIMIT_CHARACTERS) return null;
  const text = unwrapped(pasted);
  if (text.length > LINK_LIMIT_CHARACTERS || !URL.canParse(text)) return null;
  const { protocol, origin, pathname, search, hash, username, password } = new URL(text);
  const path = /^\/r\/([a-z0-9_]+)$/.exec(pathname);
  const grant = parseId("grant", path?.[1] ?? "");
  const fragment = parseFragment(hash.slice(1));
  const plain = (protocol === "https:" || protocol === "http:") && search === "" && username === "" && password === "";
  return plain && grant !== null && fragment !== null ? { origin, grant, fragment } : null;
}

/** None of what goes can be part of a link: its last characters are base64url, its first are `http`. */
function unwrapped(pasted: string): string {
  return pasted
    .replace(/[\s\u{200b}\u{2060}\u{feff}]/gu, "")
    .replace(/^[<("'\u{201c}\u{201e}\u{ab}[]+/u, "")
    .replace(/[>)"'\u{201d}\u{201c}\u{bb}\].,;:!?]+$/u, "");
}
