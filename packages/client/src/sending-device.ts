/** A device that sends: its own keys, the member key it holds, and the keys of the other side that it has pinned. */
import {
  base64UrlText,
  BinaryWriter,
  type Bytes,
  drawId,
  type DeviceId,
  idBytes,
  type MemberId,
  type OrganisationId,
} from "@safeconduct/foundation";
import type { ClientPorts } from "./ports.ts";

/** Everything a device must keep secret and safe. Private keys are here: store it for its owner only. */
export interface SendingDevice {
  readonly organisation: OrganisationId;
  readonly member: MemberId;
  readonly device: DeviceId;
  readonly signing: { readonly publicKey: Bytes; readonly privateKey: Bytes };
  readonly hpke: { readonly publicKey: Bytes; readonly privateKey: Bytes };
  readonly memberKey: { readonly publicKey: Bytes; readonly privateKey: Bytes };
  /** Pinned when the device was enrolled: shares are sealed to no other key. */
  readonly keyServicePublicKey: Bytes;
}

/** Makes the keys of a device. Nothing is sent yet. */
export async function makeDevice(
  { crypto }: Pick<ClientPorts, "crypto">,
  owner: Pick<SendingDevice, "organisation" | "member" | "keyServicePublicKey">,
): Promise<SendingDevice> {
  return {
    ...owner,
    device: drawId("device", crypto.random),
    signing: await crypto.signatures.generateKeyPair(),
    hpke: await crypto.hpke.generateKeyPair(),
    memberKey: await crypto.hpke.generateKeyPair(),
  };
}

/** Enrols the public halves; the member key goes along wrapped to the device, so that the server can keep but not read it. */
export async function enrolDevice(
  { crypto, api }: Pick<ClientPorts, "crypto" | "api">,
  device: SendingDevice,
  name: string,
): Promise<void> {
  const context = new BinaryWriter()
    .text("safeconduct/member-key/v1")
    .fixed(idBytes(device.member), 16)
    .fixed(idBytes(device.device), 16)
    .bytes();
  const wrapped = await crypto.hpke.seal({
    publicKey: device.hpke.publicKey,
    info: context,
    aad: new Uint8Array(0),
    plaintext: device.memberKey.privateKey,
  });
  await api.call("enrolDevice", {
    body: {
      device: device.device,
      name,
      signingPublicKey: base64UrlText(device.signing.publicKey),
      hpkePublicKey: base64UrlText(device.hpke.publicKey),
      memberPublicKey: base64UrlText(device.memberKey.publicKey),
      wrappedMemberKey: base64UrlText(wrapped),
    },
  });
}
