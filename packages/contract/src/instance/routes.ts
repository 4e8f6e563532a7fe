/** What anybody may ask about the instance, and the mailbox of an evaluation. */
import { route } from "../route.ts";
import * as m from "./messages.ts";

export const instanceRoutes = {
  instance: route({
    method: "GET",
    path: "/instance",
    auth: "none",
    summary: "What this instance is, and the keys that clients pin",
    answer: m.instanceAnswer,
  }),
  mailbox: route({
    method: "GET",
    path: "/mailbox",
    auth: "none",
    summary: "Evaluation only: mails that would have been sent; ?to= filters",
    answer: m.mailboxAnswer,
  }),
} as const;
