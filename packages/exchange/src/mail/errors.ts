/** What can go wrong with a test mail, beside the mail itself. */
import { Problem, type ProblemDetails } from "@safeconduct/foundation";

export type TestMailProblemCode = "mail/enough-tests";

const MESSAGES: Record<TestMailProblemCode, string> = {
  "mail/enough-tests": "Enough test mails for now. Look at the ones that were sent, and wait ten minutes for another.",
};

export const testMailProblem = (code: TestMailProblemCode, details?: ProblemDetails): Problem<TestMailProblemCode> =>
  new Problem(code, MESSAGES[code], details);
