/**
 * Byte strings: joining, comparing and the three text encodings that Safeconduct stores.
 * Decoders are strict (RFC 4648 §3.5, §12): one accepted spelling for each byte string,
 * so that nothing signed or hashed has two forms. They return null for anything else.
 */

/** A byte string that owns a plain (not shared) buffer, as WebCrypto demands. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** UTF-8 bytes of `text`. Lone surrogates become U+FFFD, so check `isWellFormed` first where it matters. */
export function utf8Bytes(text: string): Bytes {
  return encoder.encode(text);
}

/** Text of UTF-8 `bytes`, or null if they are not valid UTF-8. A leading BOM is kept. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function concatBytes(...pieces: readonly Uint8Array[]): Bytes {
  return joinBytes(pieces);
}

/** As {@link concatBytes}, for any number of pieces: a call takes only so many arguments. */
export function joinBytes(pieces: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** A copy with a buffer of its own. Also turns a Node `Buffer` into plain `Bytes`. */
export function copyBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

/**
 * Equality without an early exit, for tags, codes and digests. The lengths may leak.
 * JavaScript promises no constant time; this only avoids the obvious oracle.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Lower-case hexadecimal. */
export function hexText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Bytes of lower-case hexadecimal, or null. */
export function hexBytes(text: string): Bytes | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Base64 of RFC 4648 §4, with padding (signed notes use this). */
export function base64Text(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Bytes of canonical padded base64, or null. */
export function base64Bytes(text: string): Bytes | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return base64Text(bytes) === text ? bytes : null;
}

/** Base64url of RFC 4648 §5 without padding. */
export function base64UrlText(bytes: Uint8Array): string {
  return base64Text(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Bytes of canonical unpadded base64url, or null. */
export function base64UrlBytes(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const padded = text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return base64Bytes(padded);
}
