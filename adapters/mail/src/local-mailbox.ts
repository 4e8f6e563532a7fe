/** The mail of an evaluation instance: it goes nowhere and is shown on a page of the same machine. */
import type { Mail, MailMessage } from "@safeconduct/exchange";
import type { Clock } from "@safeconduct/foundation";
import { requireSafeHeaders } from "./headers.ts";

/** Older messages go when newer ones come. */
export const MAILBOX_LIMIT = 200;

interface ArrivedMessage extends Omit<MailMessage, "html"> {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface LocalMailbox extends Mail {
  /** Newest first; those to one address where given, compared without regard to upper and lower case. */
  messages(to?: string): readonly ArrivedMessage[];
}

export function localMailbox(clock: Pick<Clock, "now">): LocalMailbox {
  const kept: ArrivedMessage[] = [];
  return {
    async send({ to, subject, text }) {
      requireSafeHeaders({ to, subject });
      kept.unshift({ to, subject, text, at: clock.now() });
      kept.length = Math.min(kept.length, MAILBOX_LIMIT);
    },
    messages(to) {
      const wanted = to?.toLowerCase();
      return kept.filter((message) => wanted === undefined || message.to.toLowerCase() === wanted);
    },
  };
}
