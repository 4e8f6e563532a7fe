/**
 * Sending files: keys and plan, draft, parts, seal, links. The plaintext and every key stay on this device; what leaves is
 * sealed shares, slots and ciphertext. Every call may be repeated, so lost networks and restarting servers only cost time.
 */
import {
  drawSecret,
  planPackage,
  sealShare,
  sealToRecovery,
  sealToMember,
  startPackage,
  transferShareContext,
} from "@safeconduct/envelope";
import { base64UrlText, type Bytes, drawId, type FileId, isProblem } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { fillAndSeal, giveUpAfter } from "./finish-sending.ts";
import { askIntakeKey } from "./intake-key.ts";
import { CLOCK_SKEW_LIMIT_MS } from "./limits.ts";
import { type Granting, makeGrant, requireFitting } from "./make-grant.ts";
import { requirePasscodes } from "./passcode.ts";
import { persistently } from "./persistence.ts";
import type { SendProgress } from "./progress.ts";
import { newestMemberKeyOf, type SendingDevice } from "./sending-device.ts";
import type { OutgoingFile, Sending, SendPorts, Sent } from "./sending.ts";

/**
 * The sender's own grant outlives every link; it ends with the transfer. The server takes up to 30 days: the rest is there
 * so that a clock that is off is told by us, in plain words.
 */
const SENDER_LIFE_MS = 21 * 24 * 60 * 60 * 1000;

/**
 * Problems: those of `planPackage` (`envelope/…`), of the draft, the parts and the seal (`transfer/…`, `device/…`, `keys/…`),
 * `client/clock-wrong`, `client/bad-passcode` and `client/other-key-service`.
 * After a failure or an abort nothing is open to anybody; the draft is given up at once where the server can be reached, by the
 * server within a day otherwise. With `ports.notes` an outage leaves it to `resumeSending`.
 */
export async function sendTransfer(
  ports: SendPorts,
  device: SendingDevice,
  sending: Sending,
  progress: SendProgress = {},
): Promise<Sent> {
  const { crypto, api } = ports;
  const { random } = crypto;
  const ids = { organisation: device.organisation, transfer: drawId("transfer", random) };
  const files = new Map<FileId, OutgoingFile>(sending.files.map((file) => [drawId("file", random), file]));
  const plan = planPackage(
    [...files].map(([id, { path, mediaType, sizeBytes }]) => ({ id, path, mediaType, sizeBytes })),
  );
  requireFitting(sending);
  requirePasscodes(sending.recipients.map(({ secondFactor }) => secondFactor));
  const intakeKey = await askIntakeKey(ports, device, progress);
  const packageKey = drawSecret(random);
  const transferShare = drawSecret(random);
  const granting = { ports, ids, packageKey, transferShare };

  const senderBounds = { notBefore: 0, notAfter: ports.now() + SENDER_LIFE_MS, releaseCap: 0 };
  const own = await makeGrant(granting, {
    bounds: { ...common(sending), kind: "sender", ...senderBounds },
    intakeKey,
  });
  const recoveryGrant = await recoveryGrantFor(granting, device, { ...common(sending), ...senderBounds, intakeKey });
  const draft = {
    transfer: ids.transfer,
    device: device.device,
    ...common(sending),
    handling: sending.handling,
    blobLengthBytes: plan.blobLengthBytes,
    partCount: plan.parts.length,
    sealedTransferShare: base64UrlText(
      await sealShare(crypto, {
        publicKey: intakeKey,
        context: transferShareContext(ids),
        share: transferShare,
      }),
    ),
    senderGrant: {
      ...own.body,
      sealedLinkSecret: base64UrlText(
        await sealToMember(crypto, {
          publicKey: newestMemberKeyOf(device).publicKey,
          scope: { ...ids, grant: own.grant, member: device.member },
          linkSecret: own.linkSecret,
        }),
      ),
    },
    recoveryGrant,
  };
  const askedAt = ports.now();
  const { createdAt } = await persistently(ports, () => api.call("draftTransfer", { body: draft }), progress).catch(
    (error: unknown) => {
      throw isOurClock(error) ? clientProblem("client/clock-wrong") : error;
    },
  );
  try {
    // Anywhere between question and answer is right: the server may have been slow.
    if (createdAt < askedAt - CLOCK_SKEW_LIMIT_MS || createdAt > ports.now() + CLOCK_SKEW_LIMIT_MS)
      throw clientProblem("client/clock-wrong");
    const writer = await startPackage(crypto, { ...ids, packageKey, plan });
    const { files: _, ...terms } = sending;
    const { headers } = writer;
    const kept = { ...ids, device: device.device, packageKey, transferShare, files: plan.files, headers };
    await ports.notes?.begun({ ...terms, ...kept });
    return await fillAndSeal(granting, { device, files, plan, writer, terms, held: new Map(), progress });
  } catch (error) {
    await giveUpAfter(ports, { transfer: ids.transfer, error, progress });
    throw error;
  }
}

/** The ends in a draft's terms are all ours, so a server that finds them wrong has another time. */
const isOurClock = (error: unknown): boolean =>
  isProblem(error) && (error.code === "transfer/life-too-long" || error.code === "transfer/already-ended");

const common = ({ purpose, profile }: Sending) => ({ purpose, profile });

/** The organisation's grant, where this device knows its recovery key: S sealed to that, everything else as in the sender's own. */
async function recoveryGrantFor(
  granting: Granting,
  { recoveryKey }: SendingDevice,
  { intakeKey, ...bounds }: Omit<Parameters<typeof makeGrant>[1]["bounds"], "kind"> & { intakeKey: Bytes },
) {
  if (!recoveryKey) return null;
  const { grant, linkSecret, body } = await makeGrant(granting, { bounds: { ...bounds, kind: "recovery" }, intakeKey });
  const scope = { ...granting.ids, grant };
  const sealed = await sealToRecovery(granting.ports.crypto, { publicKey: recoveryKey.publicKey, scope, linkSecret });
  return { ...body, sealedLinkSecret: base64UrlText(sealed) };
}
