/**
 * The link as the page was opened with it: the grant's id in the path, the secret in the fragment. The fragment is read
 * once, kept in memory only and taken out of the address bar, so that neither a shared screen nor the list of recent
 * pages keeps it. Nothing of it is ever sent.
 */
import { type LinkFragment, parseFragment } from "@safeconduct/envelope";
import { type GrantId, parseId } from "@safeconduct/foundation";

export interface ReceivedLink {
  readonly grant: GrantId;
  readonly secret: LinkFragment;
}

/** Reads an attacker-controlled address. Null for anything but a whole link. */
export function receivedLink({ pathname, hash }: { pathname: string; hash: string }): ReceivedLink | null {
  const id = /^\/r\/([^/]+)$/u.exec(pathname)?.[1];
  const grant = id === undefined ? null : parseId("grant", id);
  const secret = hash.startsWith("#") ? parseFragment(hash.slice(1)) : null;
  return grant === null || secret === null ? null : { grant, secret };
}
