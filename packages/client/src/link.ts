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

/** Reads attacker-controlled text; spaces around it are forgiven. Null for anything but a whole link over http or https. */
export function parseLink(text: string): Link | null {
  if (text.length > LINK_LIMIT_CHARACTERS || !URL.canParse(text.trim())) return null;
  const { protocol, origin, pathname, search, hash, username, password } = new URL(text.trim());
  const path = /^\/r\/([a-z0-9_]+)$/.exec(pathname);
  const grant = parseId("grant", path?.[1] ?? "");
  const fragment = parseFragment(hash.slice(1));
  const plain = (protocol === "https:" || protocol === "http:") && search === "" && username === "" && password === "";
  return plain && grant !== null && fragment !== null ? { origin, grant, fragment } : null;
}
