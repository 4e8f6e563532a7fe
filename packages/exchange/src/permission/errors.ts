/** What a member's roles refuse. */
import { Problem } from "@safeconduct/foundation";

export type PermissionProblemCode = "permission/refused";

const MESSAGES: Record<PermissionProblemCode, string> = {
  "permission/refused":
    "Your roles do not include this. Ask an administrator of your organisation who can do it, or to change your roles.",
};

export const permissionProblem = (code: PermissionProblemCode): Problem<PermissionProblemCode> =>
  new Problem(code, MESSAGES[code]);
