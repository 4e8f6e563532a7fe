/** Outgoing mail that stays in a list, for tests of use cases. */
import type { Mail, MailMessage } from "@safeconduct/exchange";
import { Problem } from "@safeconduct/foundation";

export interface MemoryMail extends Mail {
  /** Oldest first. */
  readonly messages: readonly MailMessage[];
  /** From now on the next hop takes nothing, or takes mail again. */
  setReachable(isReachable: boolean): void;
}

export function memoryMail(): MemoryMail {
  const messages: MailMessage[] = [];
  let isReachable = true;
  return {
    messages,
    setReachable: (reachable) => {
      isReachable = reachable;
    },
    async send(message) {
      if (!isReachable) throw new Problem("mail/undelivered", "The mail was not taken. Try again.");
      if (HEADER_BREAK.test(message.to + message.subject)) throw new RangeError("a header cannot hold a line break");
      messages.push({ ...message });
    },
  };
}

const HEADER_BREAK = /[\r\n]/;
