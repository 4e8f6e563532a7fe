/**
 * Recovery by two people: cards of the organisation's recovery key, made once; and bringing a transfer back with two of them, after
 * a second person has approved it. The private key is whole only in the memory of the device that makes the cards, and of the one
 * that recovers.
 */
import {
  formatRecoveryCard,
  joinRecoveryCards,
  openWithRecovery,
  parseRecoveryCard,
  recoveryContent,
  recoveryKeyId,
  type RecoveryKeyStatement,
  signMemberRequest,
  signRecoveryKey,
  splitRecoveryKey,
  verifyMemberRequest,
} from "@safeconduct/envelope";
import {
  base64UrlText,
  type Bytes,
  drawId,
  equalBytes,
  parseId,
  type Problem,
  type RecoveryId,
  type TransferId,
} from "@safeconduct/foundation";
import { bytes, syncDevice } from "./device-chain.ts";
import { clientProblem } from "./errors.ts";
import { openMemberRelease, type OpenedRelease } from "./own-transfer.ts";
import { isPassing, persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import { pinOf, syncRecoveryKey } from "./recovery-trust.ts";
import type { SendingDevice } from "./sending-device.ts";

/** Tries with cards that are whole but of another key than the transfer's. */
const CARD_TRIES = 5;

export interface MadeCards {
  /** The device, with the new key pinned. */
  readonly device: SendingDevice;
  /** Printed cards, in their order. Shown once. */
  readonly cards: readonly string[];
}

/** How a ceremony ends that lost the server's answer: the cards may be of the key that is set. */
export const isCeremonyOpen = isPassing;

/**
 * A new recovery key of the organisation, on `count` cards (2 to 5) of which any two are enough. What was sent before stays with the
 * cards of before. Problems: `recovery/key-moved`, those of `syncRecoveryKey` (a key that this device does not know is not replaced).
 * `keep` has the cards before the key is set, so that no key is ever set whose cards are lost. A failure that {@link isCeremonyOpen}
 * leaves open whether it was set.
 */
export async function makeRecoveryCards(
  ports: ClientPorts,
  device: SendingDevice,
  { count, keep = async () => {} }: { count: number; keep?: (made: MadeCards) => Promise<void> },
): Promise<MadeCards> {
  const { crypto, api } = ports;
  const { organisation, member } = device;
  const current = await syncRecoveryKey(ports, device);
  const { publicKey, privateKey } = await crypto.hpke.generateKeyPair();
  const keyId = recoveryKeyId(crypto.sha256, publicKey);
  const generation = (current.recoveryKey?.generation ?? 0) + 1;
  const statement: RecoveryKeyStatement = { organisation, generation, member, device: device.device, publicKey };
  const signed = await signRecoveryKey(crypto, { statement, privateKey: device.signing.privateKey });
  const cards = splitRecoveryKey(crypto, { privateKey, keyId, count });
  const body = {
    device: device.device,
    statement: base64UrlText(signed.statement),
    signature: base64UrlText(signed.signature),
  };
  const made = {
    device: { ...current, recoveryKey: pinOf(ports, statement, signed.statement) },
    cards: cards.map((card) => formatRecoveryCard(crypto.sha256, card)),
  };
  await keep(made);
  await persistently(ports, () => api.call("setRecoveryKey", { body }));
  return made;
}

export interface AskedRecovery {
  readonly recovery: RecoveryId;
  readonly isApproved: boolean;
  readonly expiresAt: number;
}

/** This device's request to bring `transfer` back: the one that lives, or a new one. */
export async function askRecovery(
  ports: ClientPorts,
  device: SendingDevice,
  transfer: TransferId,
): Promise<AskedRecovery> {
  const { crypto, api } = ports;
  const own = async () =>
    (await listed(ports)).findLast((each) => {
      return each.transfer === transfer && each.device.id === device.device && !each.released;
    });
  let asked = await own();
  if (asked === undefined) {
    const recovery = drawId("recovery", crypto.random);
    const content = recoveryContent(crypto.sha256, { recovery, asker: device.device });
    const signature = await signed(ports, device, { request: "recover", transfer, content });
    const body = { recovery, device: device.device, signature };
    await persistently(ports, () => api.call("requestRecovery", { path: { transfer }, body }));
    asked = await own();
  }
  const recovery = parseId("recovery", asked?.id ?? "");
  if (asked === undefined || recovery === null) throw clientProblem("client/not-genuine");
  return { recovery, isApproved: asked.approvedBy !== null, expiresAt: asked.expiresAt };
}

export type ShownRecovery = Awaited<ReturnType<typeof listed>>[number];

/** What somebody asks for, so that the second person sees it before they approve. Problem `client/not-genuine`: nobody asked for it. */
export async function showRecovery(
  ports: ClientPorts,
  device: SendingDevice,
  recovery: RecoveryId,
): Promise<ShownRecovery> {
  const { crypto } = ports;
  const asked = (await listed(ports)).find(({ id }) => id === recovery);
  const [asker, transfer] = [parseId("device", asked?.device.id ?? ""), parseId("transfer", asked?.transfer ?? "")];
  if (asked === undefined || asker === null || transfer === null) throw clientProblem("client/no-such-recovery");
  // A colleague's chain cannot be seen here: that they asked is for the two people to know of each other.
  if (asked.member.id !== device.member) return asked;
  const { chain } = await syncDevice(ports, device);
  const holder = chain.holders.get(asker);
  const content = recoveryContent(crypto.sha256, { recovery, asker });
  const request = { request: "recover", organisation: device.organisation, transfer, device: asker } as const;
  const isAsked =
    holder?.removedAt === null &&
    (await verifyMemberRequest(crypto, {
      request: { ...request, grant: null, content },
      signature: bytes(asked.signature),
      signingPublicKey: holder.signingPublicKey,
    }));
  if (!isAsked) throw clientProblem("client/not-genuine");
  return { ...asked, device: { id: asker, name: holder.name } };
}

/** Signs for just this request: its transfer and the device that asks. */
export async function approveRecovery(ports: ClientPorts, device: SendingDevice, asked: ShownRecovery): Promise<void> {
  const [recovery, transfer] = [parseId("recovery", asked.id), parseId("transfer", asked.transfer)];
  const asker = parseId("device", asked.device.id);
  if (recovery === null || transfer === null || asker === null) throw clientProblem("client/not-genuine");
  const content = recoveryContent(ports.crypto.sha256, { recovery, asker });
  const signature = await signed(ports, device, { request: "approve-recovery", transfer, content });
  const body = { device: device.device, signature };
  await persistently(ports, () => ports.api.call("approveRecovery", { path: { recovery }, body }));
}

/** Gives two typed cards. Asked again with what was wrong; throw to give up. */
export type ReadCards = (wrong: Problem | null) => Promise<readonly [string, string]>;

export interface Recovered extends OpenedRelease {
  /** Whether a device of one's own chain sealed. If not, it may be genuine all the same; nothing here can tell. */
  readonly isOwnSeal: boolean;
}

/**
 * Opens an approved recovery. Cards are asked for before the one release is used up. Problems: `recovery/…`, `transfer/not-active`,
 * `client/wrong-cards`, `client/not-genuine`, those of `openPackage`.
 */
export async function openRecovered(
  ports: ClientPorts,
  device: SendingDevice,
  { recovery, transfer, readCards }: { recovery: RecoveryId; transfer: TransferId; readCards: ReadCards },
): Promise<Recovered> {
  const { crypto, api } = ports;
  const { organisation } = device;
  const { chain } = await syncDevice(ports, device);
  let key = await joinedCards(ports, readCards, null);
  const { publicKey, privateKey } = await crypto.hpke.generateKeyPair();
  const keyHash = crypto.sha256(publicKey);
  const content = recoveryContent(crypto.sha256, { recovery, asker: device.device }, keyHash);
  const body = {
    device: device.device,
    ephemeralPublicKey: base64UrlText(publicKey),
    signature: await signed(ports, device, { request: "release-recovery", transfer, content }),
  };
  const ask = () => persistently(ports, () => api.call("releaseRecovery", { path: { recovery }, body }));
  let isOwnSeal = false;
  const opened = await openMemberRelease(ports, {
    ask,
    kind: "recovery",
    ids: { organisation, transfer },
    ephemeral: { privateKey, keyHash },
    async openLinkSecret(scope, sealed) {
      for (let tries = 1; ; tries++) {
        const secret = await openWithRecovery(crypto, { privateKey: key, scope, sealed });
        if (secret !== null) return secret;
        const wrong = clientProblem("client/wrong-cards");
        if (tries >= CARD_TRIES) throw wrong;
        key = await joinedCards(ports, readCards, wrong);
      }
    },
    judgeSealer(signingPublicKey) {
      const sealer = [...chain.holders.values()].find((each) => equalBytes(each.signingPublicKey, signingPublicKey));
      isOwnSeal = sealer !== undefined && sealer.kind !== "recovery" && sealer.removedAt === null;
    },
  });
  return { ...opened, isOwnSeal };
}

/** The private key of two cards that fit together. Typing errors are asked again for. */
async function joinedCards({ crypto }: ClientPorts, readCards: ReadCards, why: Problem | null): Promise<Bytes> {
  let wrong = why;
  for (let tries = 1; ; tries++) {
    const typed = await readCards(wrong);
    const [one, other] = typed.map((text) => parseRecoveryCard(crypto.sha256, text));
    const joined = one && other ? joinRecoveryCards(one, other) : { refused: "mistyped" as const };
    if ("privateKey" in joined) return joined.privateKey;
    wrong = clientProblem(CARD_PROBLEMS[joined.refused]);
    if (tries >= CARD_TRIES) throw wrong;
  }
}

const CARD_PROBLEMS = {
  mistyped: "client/bad-card",
  "same-card": "client/same-card",
  "other-key": "client/wrong-cards",
} as const;

const listed = async (ports: ClientPorts) =>
  (await persistently(ports, () => ports.api.call("listRecoveries"))).recoveries;

async function signed(
  { crypto }: ClientPorts,
  { organisation, device, signing }: SendingDevice,
  request: { request: "recover" | "approve-recovery" | "release-recovery"; transfer: TransferId; content: Bytes },
): Promise<string> {
  const { privateKey } = signing;
  return base64UrlText(
    await signMemberRequest(crypto, { request: { ...request, organisation, device, grant: null }, privateKey }),
  );
}
