/** The set-up link's token. It stands in the fragment, so that no server log ever holds it. */
import { base64UrlBytes } from "@safeconduct/foundation";

const TOKEN_BYTES = 32;

/** Reads attacker-controlled text such as `#token=…`; null for anything but 32 bytes of base64url. */
export function setupTokenOf(fragment: string): string | null {
  const token = /^#token=([A-Za-z0-9_-]+)$/u.exec(fragment)?.[1];
  return token !== undefined && base64UrlBytes(token)?.length === TOKEN_BYTES ? token : null;
}
