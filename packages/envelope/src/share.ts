/**
 * The shares that the key service keeps: F for the transfer, G for each grant. The sender's client draws them and
 * seals them to the pinned key-service key; the key service seals both to the recipient's ephemeral key at a release.
 * HPKE base mode (RFC 9180 §6.1); `info` binds what the share is for, so that a relaying server can neither
 * swap shares between transfers and grants nor replay a release to another key.
 */
import {
  type Bytes,
  concatBytes,
  copyBytes,
  type GrantId,
  type Hpke,
  type OrganisationId,
  type Random,
  type TransferId,
} from "@safeconduct/foundation";
import { writeId } from "./id-field.ts";
import { domainWriter, HASH_BYTES, requireSecret, SECRET_BYTES } from "./suite.ts";

/** Bytes of F and of G. */
export const SHARE_BYTES = SECRET_BYTES;

/** Nothing travels in HPKE's `aad`: whatever is bound is bound by `info`. */
const NO_AAD: Bytes = new Uint8Array(0);

export interface TransferScope {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
}

export interface GrantScope extends TransferScope {
  readonly grant: GrantId;
  /** 32 bytes, from `termsHash`. */
  readonly termsHash: Bytes;
}

/** A fresh F or G. */
export function drawShare(random: Random): Bytes {
  return random.bytes(SHARE_BYTES);
}

/** HPKE `info` of F sealed to the key service. */
export function transferShareContext({ organisation, transfer }: TransferScope): Bytes {
  return writeId(writeId(domainWriter("transfer-share"), organisation), transfer).bytes();
}

/** HPKE `info` of G sealed to the key service: the terms are bound, so it cannot be filed under others. */
export function grantShareContext({ organisation, transfer, grant, termsHash }: GrantScope): Bytes {
  const writer = domainWriter("grant-share");
  writeId(writeId(writeId(writer, organisation), transfer), grant);
  return writer.fixed(termsHash, HASH_BYTES).bytes();
}

/** HPKE `info` of F ‖ G sealed to a recipient. `ephemeralKeyHash`: SHA-256 of the recipient's ephemeral public key. */
export function releaseContext(scope: GrantScope & { readonly ephemeralKeyHash: Bytes }): Bytes {
  const writer = domainWriter("release");
  writeId(writeId(writeId(writer, scope.organisation), scope.transfer), scope.grant);
  return writer.fixed(scope.termsHash, HASH_BYTES).fixed(scope.ephemeralKeyHash, HASH_BYTES).bytes();
}

interface HpkePort {
  readonly hpke: Hpke;
}

/** `share` (32 bytes) sealed to `publicKey` under a context of this module. */
export function sealShare(
  { hpke }: HpkePort,
  { publicKey, context, share }: { publicKey: Bytes; context: Bytes; share: Bytes },
): Promise<Bytes> {
  requireSecret(share);
  return hpke.seal({ publicKey, info: context, aad: NO_AAD, plaintext: share });
}

/** The 32-byte share, or null for anything else, whatever the reason. */
export async function openShare(
  { hpke }: HpkePort,
  { privateKey, context, sealed }: { privateKey: Bytes; context: Bytes; sealed: Bytes },
): Promise<Bytes | null> {
  const share = await hpke.open({ privateKey, info: context, aad: NO_AAD, sealed });
  return share?.length === SHARE_BYTES ? share : null;
}

/** F and G sealed to a recipient's ephemeral key under {@link releaseContext}. */
export function sealRelease(
  { hpke }: HpkePort,
  release: { publicKey: Bytes; context: Bytes; transferShare: Bytes; grantShare: Bytes },
): Promise<Bytes> {
  const { publicKey, context, transferShare, grantShare } = release;
  requireSecret(transferShare);
  requireSecret(grantShare);
  return hpke.seal({ publicKey, info: context, aad: NO_AAD, plaintext: concatBytes(transferShare, grantShare) });
}

/** Both shares, or null for anything else, whatever the reason. */
export async function openRelease(
  { hpke }: HpkePort,
  { privateKey, context, sealed }: { privateKey: Bytes; context: Bytes; sealed: Bytes },
): Promise<{ transferShare: Bytes; grantShare: Bytes } | null> {
  const both = await hpke.open({ privateKey, info: context, aad: NO_AAD, sealed });
  if (both?.length !== 2 * SHARE_BYTES) return null;
  return { transferShare: copyBytes(both.subarray(0, SHARE_BYTES)), grantShare: copyBytes(both.subarray(SHARE_BYTES)) };
}
