/**
 * Which recovery key of the organisation a device believes. S of every transfer is sealed to it, so a server that could put a key of
 * its own there would read everything. Believed at first sight is only what a device of one's own chain signed; any other key, and
 * any change, waits until the person has compared its fingerprint. None at all is believed as long as there never was one.
 */
import { recoveryKeyId, type RecoveryKeyStatement, statementHash, verifyRecoveryKey } from "@safeconduct/envelope";
import { type Bytes, equalBytes, hexText } from "@safeconduct/foundation";
import { bytes, syncDevice } from "./device-chain.ts";
import { clientProblem } from "./errors.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import type { RecoveryPin, SendingDevice } from "./sending-device.ts";

const FINGERPRINT_BYTES = 16;

/** 32 hexadecimal characters, of the hash of the statement: what people compare. */
export const recoveryFingerprint = ({ hash }: Pick<RecoveryPin, "hash">): string =>
  hexText(hash.subarray(0, FINGERPRINT_BYTES));

/**
 * The device with the recovery key that it may seal to, pinned. Problems: `client/recovery-key-new` (another one than it knows, or the
 * first of a colleague), `client/recovery-key-old` (the server hides what this device has seen), those of `syncDevice`.
 */
export async function syncRecoveryKey(ports: ClientPorts, device: SendingDevice): Promise<SendingDevice> {
  const known = device.recoveryKey ?? null;
  const shown = await readRecoveryKey(ports, device);
  if (shown === null) {
    if (known !== null) throw clientProblem("client/recovery-key-old");
    return device;
  }
  const { pin, statement, signingPublicKey } = shown;
  refuseOlder(known, pin);
  if (known !== null && equalBytes(known.hash, pin.hash)) return device;
  if (known !== null || !(await isOwn(ports, device, { statement, signingPublicKey })))
    throw clientProblem("client/recovery-key-new");
  return { ...device, recoveryKey: pin };
}

/** Pins the key of this fingerprint, which the person was told by who made it. Problem `client/recovery-key-new` if it is another. */
export async function acceptRecoveryKey(
  ports: ClientPorts,
  device: SendingDevice,
  fingerprint: string,
): Promise<SendingDevice> {
  const shown = await readRecoveryKey(ports, device);
  const typed = fingerprint.replace(/[\s-]/gu, "").toLowerCase();
  if (shown === null || recoveryFingerprint(shown.pin) !== typed) throw clientProblem("client/recovery-key-new");
  refuseOlder(device.recoveryKey ?? null, shown.pin);
  return { ...device, recoveryKey: shown.pin };
}

/** What the server shows, signed by whomever; null for none. Problem `client/recovery-key-old` for what is none. */
async function readRecoveryKey(ports: ClientPorts, { organisation }: SendingDevice) {
  const { key } = await persistently(ports, () => ports.api.call("recoveryKey"));
  if (key === null) return null;
  const [statement, signature, signingPublicKey] = [
    bytes(key.statement),
    bytes(key.signature),
    bytes(key.signingPublicKey),
  ];
  const said = await verifyRecoveryKey(ports.crypto, { statement, signature, signingPublicKey });
  if (said?.organisation !== organisation) throw clientProblem("client/recovery-key-old");
  return { pin: pinOf(ports, said, statement), statement: said, signingPublicKey };
}

export const pinOf = (
  { crypto }: Pick<ClientPorts, "crypto">,
  { generation, publicKey }: RecoveryKeyStatement,
  encoded: Bytes,
): RecoveryPin => ({
  generation,
  publicKey,
  keyId: recoveryKeyId(crypto.sha256, publicKey),
  hash: statementHash(crypto.sha256, encoded),
});

function refuseOlder(known: RecoveryPin | null, { generation, hash }: RecoveryPin): void {
  if (known === null || generation > known.generation) return;
  if (generation < known.generation || !equalBytes(known.hash, hash)) throw clientProblem("client/recovery-key-old");
}

async function isOwn(
  ports: ClientPorts,
  device: SendingDevice,
  { statement, signingPublicKey }: { statement: RecoveryKeyStatement; signingPublicKey: Bytes },
): Promise<boolean> {
  if (statement.member !== device.member) return false;
  const { chain } = await syncDevice(ports, device);
  const signer = chain.holders.get(statement.device);
  return (
    signer !== undefined &&
    signer.kind !== "recovery" &&
    signer.removedAt === null &&
    equalBytes(signer.signingPublicKey, signingPublicKey)
  );
}
