/** What the server answers to somebody who joins. */
import type { server } from "../portal/server.ts";

export type Invited = Awaited<ReturnType<typeof server.call<"invited">>>;
export type Authenticator = Awaited<ReturnType<typeof server.call<"enrolInvited">>>;
