/**
 * The mail that tells a member that how they sign in was changed, as a job of the outbox: if it was somebody else, they learn it
 * outside the portal. Each change has a mail of its own, and none is asked for twice. It has no link: people should not learn to
 * follow links in such mails.
 */
import type { Language } from "@safeconduct/contract";
import { drawId, type MemberId, parseId, type Random } from "@safeconduct/foundation";
import { isJsonObject, parseCanonicalJson } from "@safeconduct/ledger";
import { instantText } from "../mail/instants.ts";
import { letter } from "../mail/letter.ts";
import type { Mail } from "../mail/ports.ts";
import { MAIL_TEXTS } from "../mail/texts.ts";
import type { Deliverer } from "../outbox/ports.ts";
import type { JobRecord, MemberRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { ACCOUNT_CHANGES, type AccountChange } from "./account-change.ts";

/** A warning that comes later is still one. */
const MAIL_LIFE_MS = 3 * 24 * 60 * 60 * 1000;

export function accountMailJob(
  { member, change, at }: { member: MemberId; change: AccountChange; at: number },
  random: Random,
): JobRecord {
  const id = drawId("job", random);
  return {
    id,
    kind: "account-mail",
    key: `account-mail ${id}`,
    payload: JSON.stringify({ at, change, member }),
    createdAt: at,
    dueAt: at,
    expiresAt: at + MAIL_LIFE_MS,
    attempts: 0,
    owner: null,
  };
}

export function accountMailDeliverer({
  store,
  mail,
  language: usual,
}: {
  store: Store;
  mail: Mail;
  /** The organisation's, where the member chose none. */
  language: Language;
}): Deliverer {
  return {
    async deliver(job) {
      const told = payloadOf(job.payload);
      if (told === null) throw new Error("a job tells of no change");
      const to = await store.read((view) => toldMember(view, told));
      if (to === null) return;
      const language = to.language ?? usual;
      const text = MAIL_TEXTS[language].account({ change: told.change, when: instantText(language, told.at) });
      await mail.send({ to: to.address, ...letter(language, text) });
    },
    giveUp: async () => [],
  };
}

/** For checks of the whole, as `codeMailNeed` says it of codes. */
export async function accountMailNeed(view: View, { payload }: JobRecord): Promise<"wanted" | "idle" | "unknown"> {
  const told = payloadOf(payload);
  if (told === null || (await view.findMember(told.member)) === null) return "unknown";
  return (await toldMember(view, told)) === null ? "idle" : "wanted";
}

/** Null for one who was removed: they do not sign in at all. */
async function toldMember(view: View, { member }: { member: MemberId }): Promise<MemberRecord | null> {
  const found = await view.findMember(member);
  return found?.removedAt === null ? found : null;
}

function payloadOf(payload: string): { member: MemberId; change: AccountChange; at: number } | null {
  const value = parseCanonicalJson(payload);
  if (!isJsonObject(value)) return null;
  const { member, change, at } = value;
  const id = typeof member === "string" ? parseId("member", member) : null;
  const known = ACCOUNT_CHANGES.find((each) => each === change);
  if (id === null || known === undefined || typeof at !== "number") return null;
  return { member: id, change: known, at };
}
