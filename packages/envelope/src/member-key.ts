/**
 * The sender's own way back into a transfer: the S of the sender's slot, sealed to the member's HPKE public key.
 * Where the member's private key is kept is not decided here.
 */
import type { Bytes, GrantId, Hpke, MemberId } from "@safeconduct/foundation";
import { writeId } from "./id-field.ts";
import { openShare, sealShare, type TransferScope } from "./share.ts";
import { domainWriter } from "./suite.ts";

export interface MemberScope extends TransferScope {
  /** The sender's own grant. */
  readonly grant: GrantId;
  readonly member: MemberId;
}

interface HpkePort {
  readonly hpke: Hpke;
}

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

function memberContext({ organisation, transfer, grant, member }: MemberScope): Bytes {
  const writer = domainWriter("member-link-secret");
  return writeId(writeId(writeId(writeId(writer, organisation), transfer), grant), member).bytes();
}
