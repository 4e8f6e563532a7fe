/**
 * Holders of the member key that are no computer: a printed recovery key, a passkey with PRF. Their private keys lie at the server,
 * sealed under a secret that it never sees; opening them also proves that the chain up to there is the member's own.
 */
import {
  activeHolders,
  formatPrintedSecret,
  type Holder,
  type HolderKind,
  openHolderKeys,
  parsePrintedSecret,
  printedSecretBytes,
  sealHolderKeys,
} from "@safeconduct/envelope";
import { type Bytes, type DeviceId, parseId } from "@safeconduct/foundation";
import {
  bytes,
  changeChain,
  extendChain,
  openMemberKeys,
  type ReadChain,
  readChain,
  removeHolders,
  sealToHolder,
  StatementWriter,
  syncDevice,
  type ChainChange,
} from "./device-chain.ts";
import { clientProblem } from "./errors.ts";
import type { ClientPorts } from "./ports.ts";
import {
  type DeviceKeeping,
  type DeviceOwner,
  makeDeviceKeys,
  privateKeysOf,
  type SendingDevice,
} from "./sending-device.ts";

type SealedKind = Exclude<HolderKind, "device">;

/** Text to be printed, good for nothing until {@link putRecoveryKey}. */
export const drawRecoveryKey = ({ crypto }: Pick<ClientPorts, "crypto">): string =>
  formatPrintedSecret(crypto.sha256, "recovery-key", crypto.random.bytes(printedSecretBytes("recovery-key")));

/** A new recovery key, drawn and put into the chain in one step. It is shown once. */
export async function makeRecoveryKey(ports: ClientPorts, device: SendingDevice) {
  const recoveryKey = drawRecoveryKey(ports);
  return { device: await putRecoveryKey(ports, device, recoveryKey), recoveryKey };
}

/**
 * Puts a drawn key into the chain, after it was printed. One of before is void: it is taken out, and what is sent from now on is sealed
 * to a new member key. Problem `client/bad-recovery-key` for what is none.
 */
export async function putRecoveryKey(
  ports: ClientPorts,
  device: SendingDevice,
  recoveryKey: string,
): Promise<SendingDevice> {
  const secret = parsePrintedSecret(ports.crypto.sha256, "recovery-key", recoveryKey);
  if (secret === null) throw clientProblem("client/bad-recovery-key");
  const { device: current } = await changeChain(ports, device, async (change) => {
    const gone = activeHolders(change.chain).filter(({ kind }) => kind === "recovery");
    const rotated =
      gone.length > 0
        ? await removeHolders(
            change,
            gone.map(({ id }) => id),
          )
        : null;
    const memberKeys = rotated?.memberKeys ?? change.device.memberKeys;
    const added = await addHolder(change, { kind: "recovery", name: "Recovery key", secret, memberKeys });
    return { ...added, wraps: [...(rotated?.wraps ?? []), ...added.wraps], result: undefined };
  });
  return current;
}

/** `secret`: the 32 bytes that the passkey's PRF extension gives. Answers the passkey's holder id as `result`. */
export function addPasskey(
  ports: ClientPorts,
  device: SendingDevice,
  { name, secret }: { name: string; secret: Bytes },
) {
  return changeChain(ports, device, (change) =>
    addHolder(change, { kind: "passkey", name, secret, memberKeys: change.device.memberKeys }),
  );
}

async function addHolder(
  { ports, device, writer, say }: ChainChange,
  {
    kind,
    name,
    secret,
    memberKeys,
  }: { kind: SealedKind; name: string; secret: Bytes; memberKeys: SendingDevice["memberKeys"] },
) {
  const keys = await makeDeviceKeys(ports, device);
  const publicKeys = { signingPublicKey: keys.signing.publicKey, hpkePublicKey: keys.hpke.publicKey };
  const { organisation, member, device: holder } = keys;
  const scope = { organisation, member, holder, kind, ...publicKeys, previous: writer.head.hash };
  const sealed = await sealHolderKeys(ports.crypto, { secret, scope, keys: privateKeysOf(keys) });
  await say({ kind: "holder-added", holder, holderKind: kind, name, ...publicKeys });
  const wraps = await sealToHolder(ports, device, { id: holder, hpkePublicKey: keys.hpke.publicKey }, memberKeys);
  return { wraps, sealedKeys: [{ holder, sealed }], result: holder };
}

/**
 * A new device, let in by the printed recovery key: for when every other one is lost. Problems: `client/bad-recovery-key` (mistyped,
 * replaced by a newer one, or not of this member), `client/other-devices`.
 */
export async function recoverDevice(
  ports: ClientPorts,
  owner: DeviceOwner,
  { recoveryKey, name, keep }: { recoveryKey: string; name: string } & DeviceKeeping,
): Promise<SendingDevice> {
  const secret = parsePrintedSecret(ports.crypto.sha256, "recovery-key", recoveryKey);
  if (secret === null) throw clientProblem("client/bad-recovery-key");
  const read = await readChain(ports, owner);
  const paper = await openHolder(ports, { ...read, kind: "recovery", secret });
  if (paper === null) throw clientProblem("client/bad-recovery-key");
  const keys = await makeDeviceKeys(ports, owner);
  const memberKeys = await openMemberKeys(ports, { ...read, holder: paper.id, privateKey: paper.keys.hpke });
  const writer = new StatementWriter(ports.crypto, owner, read.chain.head);
  const publicKeys = { signingPublicKey: keys.signing.publicKey, hpkePublicKey: keys.hpke.publicKey };
  const { device: holder } = keys;
  await writer.say(paper.id, paper.keys.signing, {
    kind: "holder-added",
    holder,
    holderKind: "device",
    name,
    ...publicKeys,
  });
  const wraps = await sealToHolder(ports, owner, { id: holder, hpkePublicKey: keys.hpke.publicKey }, memberKeys);
  const device: SendingDevice = { ...keys, memberKeys, chain: writer.head };
  await keep?.(device);
  await extendChain(ports, { from: writer.from, statements: writer.statements, wraps });
  return (await syncDevice(ports, device)).device;
}

/** The passkey as a sending device of its own. Problem `client/bad-recovery-key` when no passkey of this member opens with `secret`. */
export async function openPasskey(ports: ClientPorts, owner: DeviceOwner, secret: Bytes): Promise<SendingDevice> {
  const read = await readChain(ports, owner);
  const passkey = await openHolder(ports, { ...read, kind: "passkey", secret });
  if (passkey === null) throw clientProblem("client/bad-recovery-key");
  const { id: device, signingPublicKey, hpkePublicKey, keys } = passkey;
  const memberKeys = await openMemberKeys(ports, { ...read, holder: device, privateKey: keys.hpke });
  return {
    ...owner,
    device,
    signing: { publicKey: signingPublicKey, privateKey: keys.signing },
    hpke: { publicKey: hpkePublicKey, privateKey: keys.hpke },
    memberKeys,
    chain: read.chain.head,
  };
}

/** The holder of this kind, still in, whose keys open with `secret`. */
async function openHolder(
  { crypto }: ClientPorts,
  { chain, answer, kind, secret }: ReadChain & { kind: SealedKind; secret: Bytes },
) {
  const sealedKeys = new Map<DeviceId | null, string | null>(
    answer.devices.map((device) => [parseId("device", device.id), device.sealedKeys]),
  );
  for (const holder of activeHolders(chain).filter((each) => each.kind === kind)) {
    const sealed = sealedKeys.get(holder.id) ?? null;
    const previous = chain.statements[holder.addedAt]?.previous;
    if (sealed === null || previous === undefined) continue;
    const { organisation, member } = chain;
    const { signingPublicKey, hpkePublicKey } = holder;
    const scope = { organisation, member, holder: holder.id, kind, signingPublicKey, hpkePublicKey, previous };
    const keys = await openHolderKeys(crypto, { secret, scope, sealed: bytes(sealed) });
    if (keys !== null) return { ...(holder satisfies Holder), keys };
  }
  return null;
}
