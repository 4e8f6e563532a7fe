/**
 * A second device and one that is in meet over a server that neither trusts: the new one shows a code, the member types it on the
 * other. See envelope's `pairing.ts` for what the code proves to whom.
 */
import {
  drawPairingCode,
  formatPrintedSecret,
  parsePrintedSecret,
  proveApproval,
  provePairing,
  statementHash,
} from "@safeconduct/envelope";
import { base64UrlText, type Bytes, type DeviceId, equalBytes, parseId } from "@safeconduct/foundation";
import { bytes, changeChain, type ChainAnswer, openMemberKeys, readChain, sealToHolder } from "./device-chain.ts";
import { clientProblem } from "./errors.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import { type DeviceKeys, type DeviceOwner, makeDeviceKeys, type SendingDevice } from "./sending-device.ts";

/** A device that has asked. */
export interface JoiningDevice {
  readonly keys: DeviceKeys;
  readonly name: string;
  readonly code: Bytes;
  /** What the member types on a device that is in. */
  readonly printedCode: string;
}

/** Files the request. The code is never sent. */
export async function askToJoin(ports: ClientPorts, owner: DeviceOwner, name: string): Promise<JoiningDevice> {
  const { crypto, api } = ports;
  const keys = await makeDeviceKeys(ports, owner);
  const code = drawPairingCode(crypto.random);
  const { device, signing, hpke } = keys;
  const publicKeys = { signingPublicKey: signing.publicKey, hpkePublicKey: hpke.publicKey };
  const proof = await provePairing(crypto, code, { ...keys, name, ...publicKeys });
  const body = {
    device,
    name,
    signingPublicKey: base64UrlText(signing.publicKey),
    hpkePublicKey: base64UrlText(hpke.publicKey),
    proof: base64UrlText(proof),
  };
  await persistently(ports, () => api.call("requestDevice", { body }));
  return { keys, name, code, printedCode: formatPrintedSecret(crypto.sha256, "pairing-code", code) };
}

/** Null while nobody has let it in. Problem `client/other-devices` when whoever did has not seen the code. */
export async function tryJoin(ports: ClientPorts, joining: JoiningDevice): Promise<SendingDevice | null> {
  const { crypto } = ports;
  const { keys, code } = joining;
  const read = await readChain(ports, keys);
  const { chain, answer } = read;
  const holder = chain.holders.get(keys.device);
  if (holder === undefined) return null;
  const approval = answer.requests.find(({ device }) => device === keys.device)?.approval ?? null;
  const hash = chain.hashes[holder.addedAt];
  if (approval === null || hash === undefined) throw clientProblem("client/other-devices");
  const { organisation, member, device } = keys;
  const expected = await proveApproval(crypto, code, { organisation, member, device, statementHash: hash });
  const isOurs =
    equalBytes(bytes(approval), expected) &&
    equalBytes(holder.signingPublicKey, keys.signing.publicKey) &&
    equalBytes(holder.hpkePublicKey, keys.hpke.publicKey);
  if (!isOurs) throw clientProblem("client/other-devices");
  if (holder.removedAt !== null) throw clientProblem("client/device-removed");
  const memberKeys = await openMemberKeys(ports, { ...read, holder: device, privateKey: keys.hpke.privateKey });
  return { ...keys, memberKeys, chain: chain.head };
}

/**
 * Lets in the device that shows `typed`. Problems: `client/bad-code` (mistyped), `client/no-such-request` (no device with that code
 * asks: mistyped beyond the check, too late, or somebody put other keys in its place).
 */
export async function approveDevice(ports: ClientPorts, device: SendingDevice, typed: string) {
  const { crypto } = ports;
  const code = parsePrintedSecret(crypto.sha256, "pairing-code", typed);
  if (code === null) throw clientProblem("client/bad-code");
  return changeChain(ports, device, async ({ device: current, answer, writer, say }) => {
    const { organisation, member } = current;
    const asked = await requestOf(ports, { organisation, member, answer, code });
    const { device: holder, name, signingPublicKey, hpkePublicKey } = asked;
    await say({ kind: "holder-added", holder, holderKind: "device", name, signingPublicKey, hpkePublicKey });
    const added = writer.statements.at(-1);
    if (added === undefined) throw new Error("what was said is written");
    const hash = statementHash(crypto.sha256, added.statement);
    const proof = await proveApproval(crypto, code, { organisation, member, device: holder, statementHash: hash });
    const wraps = await sealToHolder(ports, current, { id: holder, hpkePublicKey }, current.memberKeys);
    return { wraps, approvals: [{ device: holder, proof }], result: { device: holder, name } };
  });
}

/** The one request that was made with this code. */
async function requestOf(
  { crypto }: ClientPorts,
  {
    organisation,
    member,
    answer,
    code,
  }: Pick<DeviceOwner, "organisation" | "member"> & { answer: ChainAnswer; code: Bytes },
): Promise<{ device: DeviceId; name: string; signingPublicKey: Bytes; hpkePublicKey: Bytes }> {
  for (const asked of answer.requests) {
    const device = parseId("device", asked.device);
    if (device === null) continue;
    const { name } = asked;
    const request = {
      organisation,
      member,
      device,
      name,
      signingPublicKey: bytes(asked.signingPublicKey),
      hpkePublicKey: bytes(asked.hpkePublicKey),
    };
    if (equalBytes(await provePairing(crypto, code, request), bytes(asked.proof))) return request;
  }
  throw clientProblem("client/no-such-request");
}
