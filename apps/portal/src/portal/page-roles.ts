/** Which pages are for whom. What a member may do is the server's to say; here it is what is worth showing. */
import type { MemberRole } from "@safeconduct/contract";
import type { PageName } from "./routing.ts";

const PAGE_ROLES: Readonly<Partial<Record<PageName, readonly MemberRole[]>>> = {
  send: ["sender"],
  transfers: ["sender", "reviewer", "compliance-officer"],
  members: ["administrator"],
  audit: ["compliance-officer"],
};

/** A page that is not in the table is for every member. */
export const isPageFor = (page: PageName, roles: readonly MemberRole[]): boolean =>
  PAGE_ROLES[page]?.some((role) => roles.includes(role)) ?? true;
