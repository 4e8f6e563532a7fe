/** What can be expected to go wrong with outgoing mail. */
import { Problem } from "@safeconduct/foundation";

export type MailProblemCode = "mail/undelivered";

/** Says nothing about why: the answer of a mail server can hold the address. */
export const undelivered = (): Problem<MailProblemCode> =>
  new Problem("mail/undelivered", "The mail could not be sent at the moment. Try again, and check the address.");
