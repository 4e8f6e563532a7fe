/**
 * What this browser keeps of an unfinished sending, as bytes: JSON with a version, bytes in it as base64url
 * (docs/formats/browser-sending.md). Read strictly: what was changed, cut or of another version is nothing.
 */
import type { BegunSending, PreparedSeal } from "@safeconduct/client";
import {
  bytesField,
  deviceId,
  fixedBytes,
  handling,
  instant,
  language,
  mailAddress,
  organisationId,
  profile,
  purpose,
  routes,
  transferId,
} from "@safeconduct/contract";
import { DELETE_BY_DAYS_MAX, FILE_LIMIT, type PartRecord } from "@safeconduct/envelope";
import { base64UrlText, type Bytes, copyBytes, parseId } from "@safeconduct/foundation";
import { z } from "zod";
import type { KnownFile } from "./chosen-files.ts";

const NOTE_VERSION = 1;
/** Ten thousand files with long names, and 74 bytes of header for each. */
/** The IVs of the largest part. */
const PROOF_LIMIT_BYTES = 4096;
const NOTE_LIMIT_BYTES = 32 * 1024 * 1024;

export interface SendingBegun {
  readonly begun: BegunSending;
  /** In the order of the package. */
  readonly known: readonly KnownFile[];
}

export interface SendingSealed {
  readonly seal: PreparedSeal;
  /** The server has said that it is sealed: only the links are left to be handed on. */
  readonly isSent: boolean;
}

const sizeBytes = z.int().min(0);
const fileId = z.string().transform((text, context) => {
  const id = parseId("file", text);
  if (id !== null) return id;
  context.addIssue({ code: "custom", message: "not a file id" });
  return z.NEVER;
});
const secondFactor = z.union([
  z.strictObject({ kind: z.literal("passcode"), passcode: z.string() }),
  z.strictObject({ kind: z.enum(["authenticator", "passkey"]) }),
]);
const conditions = z.union([
  z.strictObject({ mayStore: z.literal(true), deleteByDays: z.int().min(1).max(DELETE_BY_DAYS_MAX).nullable() }),
  z.strictObject({ mayStore: z.literal(false), deleteByDays: z.null() }),
]);
const version = { version: z.literal(NOTE_VERSION) };
const begunNote = z.strictObject({
  ...version,
  known: z.array(z.strictObject({ name: z.string(), sizeBytes, modifiedAt: z.number() })).max(FILE_LIMIT),
  begun: z.strictObject({
    organisation: organisationId,
    device: deviceId,
    transfer: transferId,
    packageKey: fixedBytes(32),
    transferShare: fixedBytes(32),
    files: z
      .array(z.strictObject({ id: fileId, path: z.string(), mediaType: z.string(), sizeBytes }))
      .min(1)
      .max(FILE_LIMIT),
    headers: bytesField({ maxBytes: 1 << 20 }),
    purpose,
    profile,
    handling,
    recipients: z.array(
      z.strictObject({
        address: mailAddress,
        name: z.string().nullable(),
        organisation: z.string().nullable().exactOptional(),
        language: language.nullable().exactOptional(),
        secondFactor: secondFactor.nullable(),
      }),
    ),
    notBefore: instant,
    lifeMs: z.int().min(1),
    endsAt: instant.exactOptional(),
    releaseCap: z.int().min(0),
    closesOnReceipt: z.boolean().exactOptional(),
    conditions: conditions.nullable().exactOptional(),
  }),
});
const partRecord = z.strictObject({ number: z.int().min(1), sizeBytes, sha256: fixedBytes(32) });
/** As it was kept before there were layouts. */
const earlierPart = partRecord
  .extend({ filesSha256: fixedBytes(32) })
  .transform(({ filesSha256: proof, ...part }) => ({ ...part, proof }));
const partNote = z.strictObject({
  ...version,
  part: z.union([partRecord.extend({ proof: bytesField({ maxBytes: PROOF_LIMIT_BYTES }) }), earlierPart]),
});
const sealNote = z.strictObject({
  ...version,
  isSent: z.boolean(),
  seal: z.strictObject({
    // Kept as it was written: what is put must be the same again.
    body: z.custom<PreparedSeal["body"]>((value) => routes.sealTransfer.request.safeParse(value).success),
    sent: z.custom<PreparedSeal["sent"]>(
      (value) =>
        z
          .strictObject({
            transfer: transferId,
            notAfter: instant,
            links: z.array(z.strictObject({ address: mailAddress, grant: z.string(), link: z.url() })),
          })
          .safeParse(value).success,
    ),
  }),
});

export const encodeNote = (note: SendingBegun | SendingSealed | { readonly part: PartRecord }): Bytes =>
  copyBytes(
    new TextEncoder().encode(
      JSON.stringify({ version: NOTE_VERSION, ...note }, (_, value: unknown) =>
        value instanceof Uint8Array ? base64UrlText(value) : value,
      ),
    ),
  );

export function decodeBegun(bytes: Uint8Array): SendingBegun | null {
  const read = begunNote.safeParse(parsedJson(bytes));
  return read.success && read.data.known.length === read.data.begun.files.length ? read.data : null;
}

export function decodePart(bytes: Uint8Array): PartRecord | null {
  return partNote.safeParse(parsedJson(bytes)).data?.part ?? null;
}

export function decodeSealed(bytes: Uint8Array): SendingSealed | null {
  return sealNote.safeParse(parsedJson(bytes)).data ?? null;
}

function parsedJson(bytes: Uint8Array): unknown {
  if (bytes.length > NOTE_LIMIT_BYTES) return null;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
