/** What can go wrong with a question to the audit log. */
import { Problem } from "@safeconduct/foundation";

export type AuditProblemCode = "audit/time-reversed";

const MESSAGES: Record<AuditProblemCode, string> = {
  "audit/time-reversed": "The time ends before it begins. Give an end that is later than the beginning.",
};

export const auditProblem = (code: AuditProblemCode): Problem<AuditProblemCode> =>
  new Problem(code, MESSAGES[code], { field: "/to" });
