/** The first device of a member: it begins the chain, signed by itself. Every later one is let in. */
import { sealMemberKey } from "@safeconduct/envelope";
import { extendChain, StatementWriter, syncDevice } from "./device-chain.ts";
import type { ClientPorts } from "./ports.ts";
import {
  type DeviceKeeping,
  type DeviceKeys,
  type DeviceOwner,
  makeDeviceKeys,
  type SendingDevice,
} from "./sending-device.ts";

/** The first two statements about a member, by their first device, and the member key sealed to it. Nothing is sent yet. */
export async function beginChain({ crypto }: Pick<ClientPorts, "crypto">, keys: DeviceKeys, name: string) {
  const memberKey = { generation: 1, ...(await crypto.hpke.generateKeyPair()) };
  const writer = new StatementWriter(crypto, keys, null);
  await writer.say(keys.device, keys.signing.privateKey, {
    kind: "holder-added",
    holder: keys.device,
    holderKind: "device",
    name,
    signingPublicKey: keys.signing.publicKey,
    hpkePublicKey: keys.hpke.publicKey,
  });
  const { generation, publicKey, privateKey } = memberKey;
  await writer.say(keys.device, keys.signing.privateKey, { kind: "member-key-set", generation, publicKey });
  const { organisation, member, device: holder } = keys;
  const scope = { organisation, member, generation, holder };
  const sealed = await sealMemberKey(crypto, { publicKey: keys.hpke.publicKey, scope, privateKey });
  const device: SendingDevice = { ...keys, memberKeys: [memberKey], chain: writer.head };
  return { device, statements: writer.statements, wraps: [{ generation, holder, sealed }] };
}

/**
 * Enrols a member's first device. `startOver`: as the first again, whatever there was; transfers of before are out of reach then.
 * Problem `device/join-required` where there is a device already.
 */
export async function enrolFirstDevice(
  ports: ClientPorts,
  owner: DeviceOwner,
  { name, startOver = false, keep }: { name: string; startOver?: boolean } & DeviceKeeping,
): Promise<SendingDevice> {
  const { device, statements, wraps } = await beginChain(ports, await makeDeviceKeys(ports, owner), name);
  await keep?.(device);
  await extendChain(ports, { from: 0, statements, wraps, startOver });
  return (await syncDevice(ports, device)).device;
}
