/**
 * The member key: one HPKE pair per member and generation. S of the sender's own slot is sealed to its public half; the private half
 * is sealed to each holder (device, passkey, recovery key) of the member's chain.
 */
import {
  type Bytes,
  type DeviceId,
  equalBytes,
  type GrantId,
  type Hpke,
  type HpkeKeyPair,
  type MemberId,
  type Random,
} from "@safeconduct/foundation";
import { writeId } from "./id-field.ts";
import type { MemberScopeOfKeys } from "./member-statement.ts";
import { openShare, sealShare, type TransferScope } from "./share.ts";
import { domainWriter, SECRET_BYTES } from "./suite.ts";

export interface MemberScope extends TransferScope {
  /** The sender's own grant. */
  readonly grant: GrantId;
  readonly member: MemberId;
}

/** Which member key is sealed to whom. */
export interface WrapScope extends MemberScopeOfKeys {
  readonly generation: number;
  readonly holder: DeviceId;
}

interface HpkePort {
  readonly hpke: Hpke;
}

const NO_AAD: Bytes = new Uint8Array(0);

/** `linkSecret` (32 bytes) sealed to the member's public key, bound to organisation, transfer, grant and member. */
export function sealToMember(
  ports: HpkePort,
  { publicKey, scope, linkSecret }: { publicKey: Bytes; scope: MemberScope; linkSecret: Bytes },
): Promise<Bytes> {
  return sealShare(ports, { publicKey, context: memberContext(scope), share: linkSecret });
}

/** S, or null for anything else, whatever the reason. */
export function openAsMember(
  ports: HpkePort,
  { privateKey, scope, sealed }: { privateKey: Bytes; scope: MemberScope; sealed: Bytes },
): Promise<Bytes | null> {
  return openShare(ports, { privateKey, context: memberContext(scope), sealed });
}

/** The member's private key sealed to a holder's HPKE key. */
export function sealMemberKey(
  { hpke }: HpkePort,
  { publicKey, scope, privateKey }: { publicKey: Bytes; scope: WrapScope; privateKey: Bytes },
): Promise<Bytes> {
  return hpke.seal({ publicKey, info: wrapContext(scope), aad: NO_AAD, plaintext: privateKey });
}

/**
 * The member's private key, or null. HPKE's base mode tells nothing of who sealed it, so the server could have put a key of its own
 * there: what comes out is accepted only if it opens what is sealed to `memberPublicKey`, which the chain has.
 */
export async function openMemberKey(
  { hpke, random }: HpkePort & { random: Random },
  {
    privateKey,
    scope,
    sealed,
    memberPublicKey,
  }: { privateKey: Bytes; scope: WrapScope; sealed: Bytes; memberPublicKey: Bytes },
): Promise<HpkeKeyPair | null> {
  const opened = await hpke.open({ privateKey, info: wrapContext(scope), aad: NO_AAD, sealed });
  if (opened?.length !== privateKey.length) return null;
  const probe = random.bytes(SECRET_BYTES);
  const info = wrapContext(scope);
  const toMember = await hpke.seal({ publicKey: memberPublicKey, info, aad: NO_AAD, plaintext: probe });
  const back = await hpke.open({ privateKey: opened, info, aad: NO_AAD, sealed: toMember });
  return back !== null && equalBytes(back, probe) ? { publicKey: memberPublicKey, privateKey: opened } : null;
}

function memberContext({ organisation, transfer, grant, member }: MemberScope): Bytes {
  const writer = domainWriter("member-link-secret");
  return writeId(writeId(writeId(writeId(writer, organisation), transfer), grant), member).bytes();
}

function wrapContext({ organisation, member, generation, holder }: WrapScope): Bytes {
  const writer = domainWriter("member-key");
  writeId(writeId(writer, organisation), member).u32(generation);
  return writeId(writer, holder).bytes();
}
