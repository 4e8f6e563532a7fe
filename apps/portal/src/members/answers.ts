/** What the server answers to an administrator. */
import type { server } from "../portal/server.ts";

export type MemberList = Awaited<ReturnType<typeof server.call<"listMembers">>>;
