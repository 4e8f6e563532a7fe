/**
 * The mail that tells a member that how they sign in was changed, as a job of the outbox: if it was somebody else, they learn it
 * outside the portal. Each change has a mail of its own, and none is asked for twice. It has no link: people should not learn to
 * follow links in such mails.
 */
import { drawId, type MemberId, parseId, type Random } from "@safeconduct/foundation";
import { isJsonObject, parseCanonicalJson } from "@safeconduct/ledger";
import { letter } from "../mail/letter.ts";
import type { Mail } from "../mail/ports.ts";
import type { Deliverer } from "../outbox/ports.ts";
import type { JobRecord, MemberRecord } from "../records.ts";
import type { Store, View } from "../store.ts";

/** A warning that comes later is still one. */
const MAIL_LIFE_MS = 3 * 24 * 60 * 60 * 1000;

export type AccountChange = "passkey-added" | "passkey-removed" | "password-changed";

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

export function accountMailDeliverer({ store, mail }: { store: Store; mail: Mail }): Deliverer {
  return {
    async deliver(job) {
      const told = payloadOf(job.payload);
      if (told === null) throw new Error("a job tells of no change");
      const to = await store.read((view) => toldMember(view, told));
      if (to === null) return;
      const { subject, what } = WORDS[told.change];
      await mail.send({ to: to.address, subject, ...letter(subject, [what(utcText(told.at)), ...ADVICE]) });
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
  if (id === null || typeof change !== "string" || !isChange(change) || typeof at !== "number") return null;
  return { member: id, change, at };
}

const isChange = (text: string): text is AccountChange => Object.hasOwn(WORDS, text);

/** "2026-11-22 14:05 UTC": nobody's own zone is known here. */
const utcText = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const WORDS: Readonly<Record<AccountChange, { subject: string; what: (when: string) => string }>> = {
  "passkey-added": {
    subject: "A passkey was added to your Safeconduct account",
    what: (when) => `On ${when} a passkey was added with which you can sign in to Safeconduct without your password.`,
  },
  "passkey-removed": {
    subject: "A passkey was removed from your Safeconduct account",
    what: (when) => `On ${when} a passkey was removed from your account. It does not sign in to Safeconduct any more.`,
  },
  "password-changed": {
    subject: "The password of your Safeconduct account was changed",
    what: (when) =>
      `On ${when} the password of your account was changed. Whoever was signed in elsewhere was signed out.`,
  },
};

const ADVICE = [
  "If this was you, there is nothing to do.",
  "If it was not, tell your administrator at once: somebody else may be able to sign in as you. Then sign in as you always do, and look at your account. This message holds no link on purpose.",
] as const;
