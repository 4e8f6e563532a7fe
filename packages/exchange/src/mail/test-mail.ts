/**
 * A mail to the member who asks, and to nobody else, so that they see whether mail leaves this instance and arrives. It opens and
 * changes nothing, so it is no entry of the ledger; and it is sent at once, past the outbox, because its failure is the answer.
 */
import type { Language } from "@safeconduct/contract";
import type { Clock, MemberId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { signInProblem } from "../identity/errors.ts";
import type { Store } from "../store.ts";
import { testMailProblem } from "./errors.ts";
import { letter } from "./letter.ts";
import type { Mail } from "./ports.ts";
import { MAIL_TEXTS } from "./texts.ts";

export const TEST_MAIL_WINDOW_MS = 10 * 60 * 1000;
const TEST_MAILS_PER_WINDOW = 3;

/** Counts in memory: what it guards against is a mailbox that fills, not a secret. One entry for each member who asked. */
export class TestMails {
  private readonly sent = new Map<MemberId, readonly number[]>();
  private readonly store: Store;
  private readonly mail: Mail;
  private readonly clock: Clock;
  private readonly usual: Language;

  /** `language` is the organisation's, where the member chose none. */
  constructor({ store, mail, clock, language }: { store: Store; mail: Mail; clock: Clock; language: Language }) {
    this.store = store;
    this.mail = mail;
    this.clock = clock;
    this.usual = language;
  }

  /** Answers the address that the next hop has taken the mail for. Problems: `mail/enough-tests`, `mail/undelivered`. */
  async send({ member: id, organisation: home }: MemberCaller): Promise<{ readonly address: string }> {
    const { member, organisation } = await this.store.read(async (view) => ({
      member: await view.findMember(id),
      organisation: await view.organisation(home),
    }));
    if (member === null || organisation === null) throw signInProblem("sign-in/required");
    this.count(id);
    const language = member.language ?? this.usual;
    const text = MAIL_TEXTS[language].memberTest({ name: member.name, organisation: organisation.name });
    await this.mail.send({ to: member.address, ...letter(language, text) });
    return { address: member.address };
  }

  private count(member: MemberId): void {
    const now = this.clock.monotonic();
    const recent = (this.sent.get(member) ?? []).filter((at) => now < at + TEST_MAIL_WINDOW_MS);
    const [oldest = now] = recent;
    if (recent.length >= TEST_MAILS_PER_WINDOW) {
      const retryAfterSeconds = Math.ceil((oldest + TEST_MAIL_WINDOW_MS - now) / 1000);
      throw testMailProblem("mail/enough-tests", { retryAfterSeconds });
    }
    this.sent.set(member, [...recent, now]);
  }
}
