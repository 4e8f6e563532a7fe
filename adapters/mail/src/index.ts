/** Floor 3: outgoing mail. */
export type { MailProblemCode } from "./errors.ts";
export { localMailbox, type LocalMailbox, MAILBOX_LIMIT } from "./local-mailbox.ts";
export { smtpMail, type SmtpOptions } from "./smtp-mail.ts";
