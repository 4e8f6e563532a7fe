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
      if (!ONE_ADDRESS.test(message.to)) throw new RangeError("not one address");
      if (!ONE_LINE.test(message.subject)) throw new RangeError("not one line of subject");
      if (!isReachable) throw new Problem("mail/undelivered", "The mail could not be sent at the moment. Try again.");
      messages.push({ ...message });
    },
  };
}

const ONE_ADDRESS = /^[^\s<>,;:@]+@[^\s<>,;:@]+$/;
const ONE_LINE = /^\P{Cc}*$/u;
