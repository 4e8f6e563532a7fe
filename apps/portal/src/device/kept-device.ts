/**
 * The record of a member's device as bytes: JSON with a version, bytes in it as base64url. docs/formats/browser-device.md.
 * It is read strictly: what was changed or cut is damaged, never half understood.
 */
import { bytesField, deviceId, fixedBytes, memberId, organisationId } from "@safeconduct/contract";
import { base64UrlText, type Bytes, copyBytes } from "@safeconduct/foundation";
import { z } from "zod";
import type { Kept } from "./device-shelf.ts";

const FORMAT_VERSION = 1;
/** Far above a device with a thousand member keys of 1,2 kB. */
const KEPT_LIMIT_BYTES = 4 * 1024 * 1024;
/** A name of 60 characters, each of up to four UTF-16 units. */
const NAME_LIMIT_CHARACTERS = 240;

const name = z.string().min(1).max(NAME_LIMIT_CHARACTERS);
const signing = z.strictObject({ publicKey: fixedBytes(32), privateKey: fixedBytes(32) });
const hpke = z.strictObject({
  publicKey: bytesField({ minBytes: 32, maxBytes: 4096 }),
  privateKey: bytesField({ minBytes: 32, maxBytes: 8192 }),
});
const keys = z.strictObject({
  organisation: organisationId,
  member: memberId,
  keyServiceSigningKey: fixedBytes(32),
  device: deviceId,
  signing,
  hpke,
});
const device = keys.extend({
  memberKeys: z
    .array(hpke.extend({ generation: z.int().min(1) }))
    .min(1)
    .max(1000),
  chain: z.strictObject({ position: z.int().min(0), hash: fixedBytes(32) }),
  recoveryKey: z
    .strictObject({
      generation: z.int().min(1),
      publicKey: bytesField({ minBytes: 32, maxBytes: 4096 }),
      keyId: fixedBytes(4),
      hash: fixedBytes(32),
    })
    .nullable()
    .default(null),
});
const joining = z.strictObject({
  keys,
  name,
  code: fixedBytes(12),
  printedCode: z.string().min(1).max(64),
});
const version = { version: z.literal(FORMAT_VERSION) };
const kept = z.discriminatedUnion("kind", [
  z.strictObject({ ...version, kind: z.literal("device"), device, name, isIn: z.boolean() }),
  z.strictObject({ ...version, kind: z.literal("joining"), joining, askedAt: z.int().min(0) }),
  z.strictObject({ ...version, kind: z.literal("removed"), name, at: z.int().min(0) }),
]);

export function encodeKept(record: Kept): Bytes {
  const text = JSON.stringify({ version: FORMAT_VERSION, ...record }, (_, value: unknown) =>
    value instanceof Uint8Array ? base64UrlText(value) : value,
  );
  return copyBytes(new TextEncoder().encode(text));
}

/** Null for anything but a whole record of this version. */
export function decodeKept(bytes: Uint8Array): Kept | null {
  if (bytes.length > KEPT_LIMIT_BYTES) return null;
  const parsed = kept.safeParse(parsedJson(bytes));
  if (!parsed.success) return null;
  const { version: _, ...record } = parsed.data;
  return record;
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
