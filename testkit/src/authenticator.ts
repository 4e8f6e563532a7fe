/**
 * The authenticator app of a test person: RFC 6238 once more, written for the tests, so that no implementation is its
 * own judge.
 */
import { createHmac } from "node:crypto";

const STEP_MS = 30_000;

/** The six digits that an app with this base32 secret shows at `now` (milliseconds since the epoch). */
export function authenticatorCode(secret: string, now: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS)));
  const mac = createHmac("sha1", base32Bytes(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) % 16;
  return String((mac.readUInt32BE(offset) % 2 ** 31) % 1_000_000).padStart(6, "0");
}

/** Bytes of unpadded base32 (RFC 4648 §6), as it is typed into an app. */
export function base32Bytes(text: string): Buffer {
  const values = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter));
  const octets =
    values
      .map((value) => value.toString(2).padStart(5, "0"))
      .join("")
      .match(/[01]{8}/g) ?? [];
  return Buffer.from(octets.map((octet) => Number.parseInt(octet, 2)));
}
