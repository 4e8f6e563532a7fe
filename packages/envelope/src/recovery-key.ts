/**
 * The organisation's recovery key: an HPKE public key to which S of each transfer's recovery grant is sealed. A member's device
 * signs it; who believes whom is the client's affair. The private half exists on cards alone.
 */
import {
  BinaryReader,
  type Bytes,
  type DeviceId,
  equalBytes,
  type GrantId,
  type Hpke,
  MalformedBinary,
  type MemberId,
  type OrganisationId,
  type RecoveryId,
  type Sha256,
  type Signatures,
} from "@safeconduct/foundation";
import { readId, writeId } from "./id-field.ts";
import { openShare, sealShare, type TransferScope } from "./share.ts";
import { domainWriter, HASH_BYTES } from "./suite.ts";

const HPKE_KEY_LIMIT_BYTES = 2048;

export interface RecoveryKeyStatement {
  readonly organisation: OrganisationId;
  /** From 1, without gaps: each new key has the next. */
  readonly generation: number;
  /** Who made it, and on which device. */
  readonly member: MemberId;
  readonly device: DeviceId;
  readonly publicKey: Bytes;
}

/** Its hash (SHA-256) is what devices pin and what the ledger has. */
export function encodeRecoveryKey({
  organisation,
  generation,
  member,
  device,
  publicKey,
}: RecoveryKeyStatement): Bytes {
  const writer = writeId(domainWriter("recovery-key"), organisation).u32(generation);
  return writeId(writeId(writer, member), device).vector(publicKey).bytes();
}

/** Reads attacker-controlled bytes. Throws MalformedBinary unless they are what {@link encodeRecoveryKey} writes. */
export function decodeRecoveryKey(encoded: Uint8Array): RecoveryKeyStatement {
  const opening = domainWriter("recovery-key").bytes();
  const reader = new BinaryReader(encoded);
  if (!equalBytes(reader.fixed(opening.length), opening))
    throw new MalformedBinary("not a recovery key of this version");
  const statement = {
    organisation: readId(reader, "organisation"),
    generation: reader.u32(),
    member: readId(reader, "member"),
    device: readId(reader, "device"),
    publicKey: reader.vector(HPKE_KEY_LIMIT_BYTES),
  };
  reader.end();
  if (statement.generation === 0) throw new MalformedBinary("generations begin with 1");
  return statement;
}

interface SignaturePort {
  readonly signatures: Signatures;
}

/** The statement opens with its own domain, so the signature is over the encoding itself. */
export async function signRecoveryKey(
  { signatures }: SignaturePort,
  { statement, privateKey }: { statement: RecoveryKeyStatement; privateKey: Bytes },
): Promise<{ statement: Bytes; signature: Bytes }> {
  const encoded = encodeRecoveryKey(statement);
  return { statement: encoded, signature: await signatures.sign(privateKey, encoded) };
}

/** The statement, or null where its bytes or the signature are not right. */
export async function verifyRecoveryKey(
  { signatures }: SignaturePort,
  { statement, signature, signingPublicKey }: { statement: Bytes; signature: Bytes; signingPublicKey: Bytes },
): Promise<RecoveryKeyStatement | null> {
  if (!(await signatures.verify(signingPublicKey, statement, signature))) return null;
  try {
    return decodeRecoveryKey(statement);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}

interface RecoveryScope extends TransferScope {
  /** The recovery grant. */
  readonly grant: GrantId;
}

interface HpkePort {
  readonly hpke: Hpke;
}

/** `linkSecret` (32 bytes) sealed to the recovery key, bound to organisation, transfer and grant. */
export function sealToRecovery(
  ports: HpkePort,
  { publicKey, scope, linkSecret }: { publicKey: Bytes; scope: RecoveryScope; linkSecret: Bytes },
): Promise<Bytes> {
  return sealShare(ports, { publicKey, context: recoveryContext(scope), share: linkSecret });
}

/** S, or null for anything else: another key above all, so that this also says whether two cards are the right ones. */
export function openWithRecovery(
  ports: HpkePort,
  { privateKey, scope, sealed }: { privateKey: Bytes; scope: RecoveryScope; sealed: Bytes },
): Promise<Bytes | null> {
  return openShare(ports, { privateKey, context: recoveryContext(scope), sealed });
}

function recoveryContext({ organisation, transfer, grant }: RecoveryScope): Bytes {
  const writer = domainWriter("recovery-link-secret");
  return writeId(writeId(writeId(writer, organisation), transfer), grant).bytes();
}

/** 32 bytes: what the asker, the approver and the release of one recovery sign as content, beside transfer and device. */
export function recoveryContent(
  sha256: Sha256,
  { recovery, asker }: { recovery: RecoveryId; asker: DeviceId },
  ephemeralKeyHash: Bytes = new Uint8Array(HASH_BYTES),
): Bytes {
  const writer = writeId(writeId(domainWriter("recovery-request"), recovery), asker);
  return sha256(writer.fixed(ephemeralKeyHash, HASH_BYTES).bytes());
}
