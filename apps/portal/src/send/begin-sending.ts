/** From a draft that was reviewed to an upload that runs. */
import {
  mediaTypeOf,
  outgoingPaths,
  type SendingDevice,
  type SendingTerms,
  syncRecoveryKey,
} from "@safeconduct/client";
import { displayName } from "@safeconduct/contract";
import { drawPasscode } from "@safeconduct/envelope";
import type { ClientPorts } from "@safeconduct/client";
import type { Random } from "@safeconduct/foundation";
import { areDaysWrong, askedTerms } from "../terms/asked.ts";
import { type RecipientDraft, readCap, type SendDraft } from "./draft.ts";
import { readTimes } from "./expiry.ts";
import { fileRows } from "./file-rows.ts";
import { uploadRow } from "./row-words.ts";
import { beginUpload } from "./upload.ts";

/**
 * Problems: those of `syncRecoveryKey`; everything else is told by the upload. `keep` holds on to what the device learnt. The draft
 * was decided on a moment ago: one that may not travel is a programmer's mistake.
 */
export async function beginSending(
  { device: held, ports }: { device: SendingDevice; ports: ClientPorts },
  { draft, now, keep }: { draft: SendDraft; now: number; keep: (device: SendingDevice) => Promise<void> },
): Promise<void> {
  const device = await syncRecoveryKey(ports, held);
  if (device !== held) await keep(device);
  const terms = termsOf(draft, { now, random: ports.crypto.random });
  // Files of a row stay together, so that a row's progress is a stretch of the whole.
  const rows = fileRows(draft.files);
  const files = rows.flatMap((row) => row.files);
  const paths = outgoingPaths(files.map(({ name }) => name));
  const sources = files.map(({ name, file, sizeBytes }, index) => {
    const path = paths[index] ?? name;
    const known = { name, sizeBytes, modifiedAt: file.lastModified };
    return { path, mediaType: mediaTypeOf(path), file, known };
  });
  beginUpload({ device, terms, sources, rows: rows.map(uploadRow) });
}

export function termsOf(draft: SendDraft, { now, random }: { now: number; random: Random }): SendingTerms {
  const { times } = readTimes(draft, now);
  const releaseCap = readCap(draft.cap);
  if (times === null || releaseCap === null || draft.purpose === null || areDaysWrong(draft.asked))
    throw new Error("this draft was not decided on");
  return {
    purpose: draft.purpose,
    profile: draft.profile,
    handling: draft.handling,
    recipients: draft.recipients.map((recipient) => ({
      address: recipient.address.trim(),
      name: nameOrNull(recipient.name),
      organisation: nameOrNull(recipient.organisation),
      language: recipient.language,
      secondFactor: demandOf(recipient, random),
    })),
    notBefore: times.notBefore,
    lifeMs: times.lifeMs,
    ...(times.endsAt === null ? {} : { endsAt: times.endsAt }),
    releaseCap,
    ...askedTerms(draft.asked),
  };
}

const nameOrNull = (text: string): string | null => displayName().safeParse(text).data ?? null;

const demandOf = ({ factor }: RecipientDraft, random: Random) =>
  factor === "passcode"
    ? ({ kind: factor, passcode: drawPasscode(random) } as const)
    : factor && ({ kind: factor } as const);
