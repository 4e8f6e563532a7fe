/**
 * The seal: what the sender signs when the last part is up. The root over all parts binds the ciphertext for server,
 * scanner and receipts; the commitment to the manifest binds the digest of every file for recipients, who read ranges.
 */
import {
  BinaryReader,
  BinaryWriter,
  type Bytes,
  equalBytes,
  leafHash,
  MalformedBinary,
  merkleRoot,
  type Sha256,
  type Signatures,
} from "@safeconduct/foundation";
import { HKDF_BLOCK_BYTES } from "./hkdf.ts";
import { readId, writeId } from "./id-field.ts";
import { layoutNumbered, type PackageLayout } from "./layout.ts";
import { signingKeyHash } from "./link.ts";
import { MANIFEST_LIMIT_BYTES, MANIFEST_MINIMUM_BYTES } from "./manifest.ts";
import { objectPlaintextBytes, PART_LIMIT, padme, partSize } from "./package-plan.ts";
import type { TransferScope } from "./share.ts";
import { domainWriter, HASH_BYTES, SUITE } from "./suite.ts";

/** A part as it lies in the blob store. */
export interface PartDigest {
  /** From 1. */
  readonly number: number;
  readonly sizeBytes: number;
  /** Its digest (part-digest.ts), 32 bytes; of parts that were put before there was one, the SHA-256 of the ciphertext. */
  readonly sha256: Bytes;
}

export interface SealRecord extends TransferScope {
  /** The seal's version. */
  readonly layout: PackageLayout;
  readonly blobLengthBytes: number;
  readonly partSizeBytes: number;
  readonly partCount: number;
  /** 32 bytes: {@link partsRoot}. */
  readonly partsRoot: Bytes;
  readonly manifestOffset: number;
  readonly manifestLengthBytes: number;
  /** 48 bytes: `commitManifest`. */
  readonly manifestCommitment: Bytes;
}

export const SEAL_BYTES = 150;
export const SIGNATURE_BYTES = 64;

declare const verified: unique symbol;
/** A seal whose signature, signer and scope were checked. Only {@link verifySeal} makes one. */
export type VerifiedSeal = SealRecord & { readonly [verified]: true };

/** Merkle root (RFC 9162) over the parts in order; a leaf is number ‖ size ‖ digest. RangeError on a gap. */
export function partsRoot(sha256: Sha256, parts: readonly PartDigest[]): Bytes {
  return merkleRoot(
    sha256,
    parts.map(({ number, sizeBytes, sha256: digest }, position) => {
      if (number !== position + 1) throw new RangeError("parts are not in order");
      return leafHash(sha256, new BinaryWriter().u32(number).u64(sizeBytes).fixed(digest, HASH_BYTES).bytes());
    }),
  );
}

/** The canonical 150 bytes (docs/formats/envelope.md). */
export function encodeSealRecord(record: SealRecord): Bytes {
  const writer = new BinaryWriter().u8(record.layout).u8(SUITE);
  return writeId(writeId(writer, record.organisation), record.transfer)
    .u64(record.blobLengthBytes)
    .u64(record.partSizeBytes)
    .u32(record.partCount)
    .fixed(record.partsRoot, HASH_BYTES)
    .u64(record.manifestOffset)
    .u64(record.manifestLengthBytes)
    .fixed(record.manifestCommitment, HKDF_BLOCK_BYTES)
    .bytes();
}

/** Reads attacker-controlled bytes. Throws MalformedBinary unless they describe a blob that `planPackage` could lay out. */
export function decodeSealRecord(encoded: Uint8Array): SealRecord {
  const reader = new BinaryReader(encoded);
  const layout = layoutNumbered(reader.u8());
  if (layout === null || reader.u8() !== SUITE) throw new MalformedBinary("unknown seal version");
  const record: SealRecord = {
    layout,
    organisation: readId(reader, "organisation"),
    transfer: readId(reader, "transfer"),
    blobLengthBytes: reader.u64(),
    partSizeBytes: reader.u64(),
    partCount: reader.u32(),
    partsRoot: reader.fixed(HASH_BYTES),
    manifestOffset: reader.u64(),
    manifestLengthBytes: reader.u64(),
    manifestCommitment: reader.fixed(HKDF_BLOCK_BYTES),
  };
  reader.end();
  if (!possibleLayout(record)) throw new MalformedBinary("no package has this layout");
  return record;
}

/** Ed25519 signature (64 bytes) by the sender. `privateKey` is the 32-byte seed. */
export function signSeal(
  { signatures }: { signatures: Signatures },
  { record, privateKey }: { record: SealRecord; privateKey: Bytes },
): Promise<Bytes> {
  return signatures.sign(privateKey, signedMessage(encodeSealRecord(record)));
}

/** Whether `signingPublicKey` signed exactly this encoded record. Whose key it is, the caller knows or must find out. */
export function verifySealSignature(
  { signatures }: { signatures: Signatures },
  { record, signature, signingPublicKey }: { record: Uint8Array; signature: Uint8Array; signingPublicKey: Uint8Array },
): Promise<boolean> {
  return signatures.verify(signingPublicKey, signedMessage(record), signature);
}

/**
 * The record, or null unless `signingPublicKey` has the expected hash (recipients take it from the link), signed
 * exactly these bytes, and the seal belongs to the expected organisation and transfer. All inputs may be hostile.
 */
export async function verifySeal(
  { signatures, sha256 }: { signatures: Signatures; sha256: Sha256 },
  {
    record: encoded,
    signature,
    signingPublicKey,
    expected,
  }: {
    record: Uint8Array;
    signature: Uint8Array;
    signingPublicKey: Uint8Array;
    expected: TransferScope & { readonly signingKeyHash: Bytes };
  },
): Promise<VerifiedSeal | null> {
  if (!equalBytes(signingKeyHash(sha256, signingPublicKey), expected.signingKeyHash)) return null;
  if (!(await verifySealSignature({ signatures }, { record: encoded, signature, signingPublicKey }))) return null;
  const record = decodedOrNull(encoded);
  if (record?.organisation !== expected.organisation || record.transfer !== expected.transfer) return null;
  return record as VerifiedSeal;
}

function signedMessage(encoded: Uint8Array): Bytes {
  return domainWriter("seal-signature").vector(encoded).bytes();
}

function decodedOrNull(encoded: Uint8Array): SealRecord | null {
  try {
    return decodeSealRecord(encoded);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}

function possibleLayout(record: SealRecord): boolean {
  const { layout, blobLengthBytes, partSizeBytes, partCount, manifestOffset, manifestLengthBytes } = record;
  const manifestBytes = objectPlaintextBytes(manifestLengthBytes, layout);
  return (
    blobLengthBytes === padme(blobLengthBytes) &&
    partSizeBytes === partSize(blobLengthBytes) &&
    partCount >= 1 &&
    partCount <= PART_LIMIT &&
    partCount <= Math.ceil(blobLengthBytes / partSizeBytes) &&
    manifestBytes !== null &&
    manifestBytes >= MANIFEST_MINIMUM_BYTES &&
    manifestBytes <= MANIFEST_LIMIT_BYTES &&
    Number.isInteger(Math.log2(manifestBytes)) &&
    manifestOffset + manifestLengthBytes === blobLengthBytes
  );
}
