/** Where mail goes: to the organisation's mail server, or, on an evaluation instance without one, to a page of this computer. */
import { type LocalMailbox, localMailbox, smtpMail, type SmtpOptions } from "@safeconduct/mail";
import type { Mail } from "@safeconduct/exchange";
import type { Clock } from "@safeconduct/foundation";

export interface MailDoor {
  readonly mail: Mail;
  /** Null where real mail is sent. */
  readonly mailbox: LocalMailbox | null;
}

/** Connects with the first mail. */
export function openMail(server: SmtpOptions | null, clock: Clock): MailDoor {
  if (server !== null) return { mail: smtpMail(server), mailbox: null };
  const mailbox = localMailbox(clock);
  return { mail: mailbox, mailbox };
}
