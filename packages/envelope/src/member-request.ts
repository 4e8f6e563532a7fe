/**
 * What a member's device signs when it asks for something that an API token alone must not give: the shares of the sender's own
 * slot, another recipient, or what the organisation's recovery needs. A device that was removed, or a stolen token, has no key for it.
 */
import {
  type Bytes,
  type DeviceId,
  type GrantId,
  ID_RANDOM_BYTES,
  idBytes,
  type OrganisationId,
  type Signatures,
  type TransferId,
} from "@safeconduct/foundation";
import { writeId } from "./id-field.ts";
import { domainWriter, HASH_BYTES } from "./suite.ts";

const NO_GRANT: Bytes = new Uint8Array(ID_RANDOM_BYTES);
/** Position + 1 is the code. */
const REQUESTS = ["release", "add-recipient", "recover", "approve-recovery", "release-recovery"] as const;

export interface MemberRequest {
  readonly request: (typeof REQUESTS)[number];
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly device: DeviceId;
  /** The grant to add; null for everything else. */
  readonly grant: GrantId | null;
  /** 32 bytes: SHA-256 of the ephemeral public key (release), the hash of the new grant's terms (add-recipient), or `recoveryContent`. */
  readonly content: Bytes;
}

/** 64 bytes, Ed25519. No time in it: a repeat releases to the same ephemeral key, or adds the same grant, and nothing else. */
export function signMemberRequest(
  { signatures }: { signatures: Signatures },
  { request, privateKey }: { request: MemberRequest; privateKey: Bytes },
): Promise<Bytes> {
  return signatures.sign(privateKey, message(request));
}

export function verifyMemberRequest(
  { signatures }: { signatures: Signatures },
  { request, signature, signingPublicKey }: { request: MemberRequest; signature: Bytes; signingPublicKey: Bytes },
): Promise<boolean> {
  return signatures.verify(signingPublicKey, message(request), signature);
}

function message({ request, organisation, transfer, device, grant, content }: MemberRequest): Bytes {
  const writer = domainWriter("member-request").u8(REQUESTS.indexOf(request) + 1);
  writeId(writeId(writeId(writer, organisation), transfer), device);
  writer.fixed(grant === null ? NO_GRANT : idBytes(grant), ID_RANDOM_BYTES);
  return writer.fixed(content, HASH_BYTES).bytes();
}
