/**
 * A device that sends: its own keys, the member keys it holds, and what it has pinned: the key service's key, and the newest statement
 * about the member's devices that it saw.
 */
import type { ChainPin, HolderPrivateKeys } from "@safeconduct/envelope";
import { type Bytes, drawId, type DeviceId, type MemberId, type OrganisationId } from "@safeconduct/foundation";
import type { ClientPorts } from "./ports.ts";

interface KeyPair {
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

/** Whose device it is, and where shares go: to no other key. */
export interface DeviceOwner {
  readonly organisation: OrganisationId;
  readonly member: MemberId;
  /** Ed25519, pinned when the device was enrolled: shares are sealed to no key that it did not sign. */
  readonly keyServiceSigningKey: Bytes;
}

/** The keys of a device that is not enrolled yet. */
export interface DeviceKeys extends DeviceOwner {
  readonly device: DeviceId;
  readonly signing: KeyPair;
  readonly hpke: KeyPair;
}

/** Everything a device must keep secret and safe. Private keys are here: store it for its owner only. */
export interface SendingDevice extends DeviceKeys {
  /** By generation, oldest first. What is sent is sealed to the last; the others open what was sent before. */
  readonly memberKeys: readonly (KeyPair & { readonly generation: number })[];
  /** The chain of the member's devices must hold this statement whenever the server shows it. */
  readonly chain: ChainPin;
  /** The organisation's recovery key that this device believes; none while it knows of none. */
  readonly recoveryKey?: RecoveryPin | null;
}

export interface RecoveryPin {
  readonly generation: number;
  readonly publicKey: Bytes;
  /** 4 bytes, as on the cards. */
  readonly keyId: Bytes;
  /** 32 bytes: of the signed statement. */
  readonly hash: Bytes;
}

export interface DeviceKeeping {
  /**
   * Given the whole device before the server hears of it. Whoever keeps it here loses no keys when the program ends between the
   * server's word and its own; whether the device is in, `syncDevice` says then.
   */
  readonly keep?: (device: SendingDevice) => Promise<void>;
}

/** Makes the keys of a device. Nothing is sent yet. */
export async function makeDeviceKeys({ crypto }: Pick<ClientPorts, "crypto">, owner: DeviceOwner): Promise<DeviceKeys> {
  const { organisation, member, keyServiceSigningKey } = owner;
  return {
    organisation,
    member,
    keyServiceSigningKey,
    device: drawId("device", crypto.random),
    signing: await crypto.signatures.generateKeyPair(),
    hpke: await crypto.hpke.generateKeyPair(),
  };
}

/** The pair that new transfers are sealed to. */
export function newestMemberKeyOf({ memberKeys }: SendingDevice): KeyPair {
  const newest = memberKeys.at(-1);
  if (newest === undefined) throw new Error("a device holds a member key");
  return newest;
}

/** What a device keeps of itself under another secret. */
export const privateKeysOf = ({ signing, hpke }: DeviceKeys): HolderPrivateKeys => ({
  signing: signing.privateKey,
  hpke: hpke.privateKey,
});
