/**
 * Going on with a sending that an earlier run of the client left: parts that the server holds as they were put are not sent
 * again, but their files are read again, so that a package never mixes two states of a file.
 */
import { type PartRecord, planAgain, resumePackage } from "@safeconduct/envelope";
import { base64UrlText, type FileId, isProblem, type TransferId } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { fillAndSeal, giveUpAfter, sealAgain } from "./finish-sending.ts";
import { persistently } from "./persistence.ts";
import type { SendProgress } from "./progress.ts";
import type { SendingDevice } from "./sending-device.ts";
import type { BegunSending, OutgoingFile, PreparedSeal, SendPorts, Sent } from "./sending.ts";

/** What the notes of the earlier run say. */
export interface UnfinishedSending {
  readonly begun: BegunSending;
  /** In any order; of two with one number the later counts. */
  readonly parts: readonly PartRecord[];
  readonly seal: PreparedSeal | null;
  /** In the order of `begun.files`. */
  readonly read: readonly OutgoingFile["read"][];
}

/**
 * Recipients, terms and passcodes are those of the beginning. Problems: as `sendTransfer`, `client/other-sender`,
 * `client/sending-over`, `client/links-lost`, and `envelope/file-changed` where a file is not what it was; then, as after any
 * failure that does not pass, the draft is given up.
 */
export async function resumeSending(
  ports: SendPorts,
  device: SendingDevice,
  { unfinished, progress = {} }: { unfinished: UnfinishedSending; progress?: SendProgress },
): Promise<Sent> {
  const { begun, seal, parts } = unfinished;
  const { organisation, transfer, packageKey, transferShare } = begun;
  // The seal must be signed by the device that drafted.
  if (begun.device !== device.device || organisation !== device.organisation)
    throw clientProblem("client/other-sender");
  const state = await stateOf(ports, transfer, progress);
  if (state === "active" && seal === null) {
    await ports.notes?.over();
    throw clientProblem("client/links-lost");
  }
  if (state !== "active" && state !== "draft") {
    await ports.notes?.over();
    throw clientProblem("client/sending-over");
  }
  const granting = { ports, ids: { organisation, transfer }, packageKey, transferShare };
  try {
    if (seal !== null) return await sealAgain(granting, { device, terms: begun, seal, progress });
    const held = await heldAsPut(ports, { transfer, parts, progress });
    const plan = planAgain(begun);
    const { headers } = begun;
    const writer = await resumePackage(ports.crypto, { organisation, transfer, packageKey, plan, headers });
    const files = new Map<FileId, OutgoingFile>();
    for (const [position, file] of begun.files.entries()) {
      const read = unfinished.read[position];
      if (read === undefined) throw new RangeError("a file cannot be read");
      files.set(file.id, { ...file, read });
    }
    return await fillAndSeal(granting, { device, files, plan, writer, terms: begun, held, progress });
  } catch (error) {
    await giveUpAfter(ports, { transfer, error, progress });
    throw error;
  }
}

/** Null where the server knows no such transfer of ours. */
async function stateOf(ports: SendPorts, transfer: TransferId, progress: SendProgress): Promise<string | null> {
  try {
    const shown = await persistently(ports, () => ports.api.call("transfer", { path: { transfer } }), progress);
    return shown.state;
  } catch (error) {
    if (isProblem(error) && error.code === "transfer/unknown") return null;
    throw error;
  }
}

/** A part that was put again by somebody else since, or whose note is not of the last time, is sent again. */
async function heldAsPut(
  ports: SendPorts,
  { transfer, parts, progress }: { transfer: TransferId; parts: readonly PartRecord[]; progress: SendProgress },
): Promise<ReadonlyMap<number, PartRecord>> {
  const answer = await persistently(ports, () => ports.api.call("heldParts", { path: { transfer } }), progress);
  const stored = new Map(answer.parts.map((part) => [part.number, part]));
  const held = new Map<number, PartRecord>();
  for (const part of parts) {
    const there = stored.get(part.number);
    const same = there?.sizeBytes === part.sizeBytes && there.sha256 === base64UrlText(part.sha256);
    if (same) held.set(part.number, part);
    else held.delete(part.number);
  }
  return held;
}
