/** The server, as the recipient's page asks it before its first button and with it. */
import { type Client, firstLookRoutes, routesClient } from "@safeconduct/contract";
import { network } from "../platform.ts";

export const server: Client<keyof typeof firstLookRoutes> = routesClient(firstLookRoutes, {
  origin: "",
  fetch: network,
});

export type Invitation = Awaited<ReturnType<typeof server.call<"invitation">>>;
