/** A message whose headers are what they say: no line break or other control character may start a header of its own. */
import type { MailMessage } from "@safeconduct/exchange";

/** C0, DEL, C1, and the line separators that some software takes for line breaks. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** RFC 5321 §4.5.3.1.3, less the angle brackets. */
const ADDRESS_MAX_LENGTH = 254;
const SUBJECT_MAX_LENGTH = 200;
/** One address, parsed at the edge already; this only makes sure that it cannot become two. */
const ONE_ADDRESS = /^[^\s<>(),;:"\\@[\]]+@[^\s<>(),;:"\\@[\]]+$/;

/** Throws RangeError: whoever sends composes the subject and has parsed the address. */
export function requireSafeHeaders({ to, subject }: Pick<MailMessage, "to" | "subject">): void {
  if (to.length > ADDRESS_MAX_LENGTH || CONTROL.test(to) || !ONE_ADDRESS.test(to))
    throw new RangeError("not one address");
  if (subject.length > SUBJECT_MAX_LENGTH || CONTROL.test(subject)) throw new RangeError("not one line of subject");
}
