/** Roles as one column holds them: one after another, a space between them. */
import type { MemberRecord } from "@safeconduct/exchange";

export const rolesText = (roles: MemberRecord["roles"]): string => roles.join(" ");

/** Only known roles are ever written. */
export const withRoles = <Found extends { readonly roles: string }>(found: Found) => ({
  ...found,
  roles: found.roles.split(" ").filter((role) => role !== "") as MemberRecord["roles"],
});
