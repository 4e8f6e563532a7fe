/** What the server answers to an administrator, and what follows from it. */
import type { server } from "../portal/server.ts";

export type MemberList = Awaited<ReturnType<typeof server.call<"listMembers">>>;
export type Member = MemberList["members"][number];

/** Nobody else could see, stop or hold what colleagues sent, or answer for the log. */
export const isLastOfficer = (members: readonly Member[], { id }: Member): boolean => {
  const officers = members.filter(({ roles }) => roles.includes("compliance-officer"));
  return officers.length === 1 && officers[0]?.id === id;
};
