/**
 * The mail that tells a sender of a report, as a job of the outbox. It says that there is one and nothing else: neither what, nor of
 * which files, nor by whom. Where it finds no way nobody is told so: the report itself stands beside the link.
 */
import type { Language } from "@safeconduct/contract";
import { drawId, type GrantId, parseId, type Random } from "@safeconduct/foundation";
import { isJsonObject, parseCanonicalJson } from "@safeconduct/ledger";
import { letter } from "../mail/letter.ts";
import type { Mail } from "../mail/ports.ts";
import { MAIL_TEXTS } from "../mail/texts.ts";
import type { Deliverer } from "../outbox/ports.ts";
import type { GrantRecord, JobRecord } from "../records.ts";
import type { Store, View } from "../store.ts";

/** Later than this the sender has seen it, or the link is over. */
const MAIL_LIFE_MS = 24 * 60 * 60 * 1000;

/** Takes the place of one for an earlier report that is still on its way: both would say the same. */
export function problemMailJob(grant: GrantId, now: number, random: Random): JobRecord {
  return {
    id: drawId("job", random),
    kind: "problem-mail",
    key: `problem-mail ${grant}`,
    payload: JSON.stringify({ grant }),
    createdAt: now,
    dueAt: now,
    expiresAt: now + MAIL_LIFE_MS,
    attempts: 0,
    owner: null,
  };
}

export function problemMailDeliverer({
  store,
  mail,
  language: usual,
}: {
  store: Store;
  mail: Mail;
  /** The organisation's, where the sender chose none. */
  language: Language;
}): Deliverer {
  return {
    async deliver(job) {
      const wanted = await store.read(async (view) => {
        const grant = await reportedGrant(view, job);
        const transfer = grant && (await view.findTransfer(grant.transfer));
        const sender = transfer && (await view.findMember(transfer.member));
        return sender?.removedAt === null ? sender : null;
      });
      if (wanted === null) return;
      const language = wanted.language ?? usual;
      await mail.send({ to: wanted.address, ...letter(language, MAIL_TEXTS[language].problem()) });
    },
    giveUp: async () => [],
  };
}

/** For checks of the whole, as `codeMailNeed` says it of codes. */
export async function problemMailNeed(view: View, job: JobRecord): Promise<"wanted" | "idle" | "unknown"> {
  const id = grantIn(job.payload);
  if (id === null || (await view.findGrant(id)) === null) return "unknown";
  return (await reportedGrant(view, job)) === null ? "idle" : "wanted";
}

/** Null once the transfer was erased. */
async function reportedGrant(view: View, { payload }: JobRecord): Promise<GrantRecord | null> {
  const id = grantIn(payload);
  const grant = id && (await view.findGrant(id));
  return grant === null || grant.problemReportedAt === null ? null : grant;
}

function grantIn(payload: string): GrantId | null {
  const value = parseCanonicalJson(payload);
  const id = isJsonObject(value) ? value["grant"] : null;
  return typeof id === "string" ? parseId("grant", id) : null;
}
