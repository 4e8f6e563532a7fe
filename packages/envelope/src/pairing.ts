/**
 * How a second device and the first come to know each other's keys over a server that may substitute any of them. The new device
 * draws a code (96 random bits) and shows it; the member types it on a device that is in. It never goes to the server. Both sides prove with it: the
 * new device its keys, the old one the chain. So one typing authenticates both ways, and a server would have to guess 96 bits.
 *
 * A short hash to compare by eye was rejected: against 40 bits a server can search for a key with the same hash, unless both
 * devices are online for a commitment first, and people confirm what they did not compare.
 */
import { type Bytes, type DeviceId, type Hmac, type Random } from "@safeconduct/foundation";
import { hkdfSha384 } from "./hkdf.ts";
import { writeId } from "./id-field.ts";
import { type MemberScopeOfKeys } from "./member-statement.ts";
import { printedSecretBytes } from "./printed-secret.ts";
import { domainWriter, HASH_BYTES, SECRET_BYTES } from "./suite.ts";

/** Bytes of both proofs. */
export const PAIRING_PROOF_BYTES = SECRET_BYTES;

export interface PairingRequest extends MemberScopeOfKeys {
  readonly device: DeviceId;
  readonly name: string;
  readonly signingPublicKey: Bytes;
  readonly hpkePublicKey: Bytes;
}

interface Ports {
  readonly hmac: Hmac;
}

/** A fresh code, to be shown with `formatPrintedSecret`. */
export const drawPairingCode = (random: Random): Bytes => random.bytes(printedSecretBytes("pairing-code"));

/** 32 bytes by which the holder of the code says: these are my keys. */
export function provePairing({ hmac }: Ports, code: Bytes, request: PairingRequest): Promise<Bytes> {
  const writer = domainWriter("pairing-request");
  writeId(writeId(writeId(writer, request.organisation), request.member), request.device);
  const info = writer.text(request.name).vector(request.signingPublicKey).vector(request.hpkePublicKey).bytes();
  return hkdfSha384(hmac, { secret: code, info, length: PAIRING_PROOF_BYTES });
}

/**
 * 32 bytes by which the holder of the code says: this statement lets you in. The hash of a statement stands for the whole chain
 * before it.
 */
export function proveApproval(
  { hmac }: Ports,
  code: Bytes,
  { organisation, member, device, statementHash }: MemberScopeOfKeys & { device: DeviceId; statementHash: Bytes },
): Promise<Bytes> {
  const writer = domainWriter("pairing-approval");
  writeId(writeId(writeId(writer, organisation), member), device).fixed(statementHash, HASH_BYTES);
  return hkdfSha384(hmac, { secret: code, info: writer.bytes(), length: PAIRING_PROOF_BYTES });
}
