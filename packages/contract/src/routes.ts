/**
 * Every route of the HTTP API, as one table: the one source of the server's routing, of OpenAPI and of the typed client.
 * The routes themselves stand in FEATURE/routes.ts, beside their messages, so that a page can take those that it calls.
 */
import { accountRoutes } from "./account/routes.ts";
import { auditRoutes } from "./audit/routes.ts";
import { clockRoutes } from "./clock/routes.ts";
import { deviceRoutes } from "./devices/routes.ts";
import { ownFactorRoutes, recipientFactorRoutes } from "./factors/routes.ts";
import { instanceRoutes } from "./instance/routes.ts";
import { memberRoutes } from "./members/routes.ts";
import { receivingRoutes } from "./receiving/routes.ts";
import { recoveryRoutes } from "./recovery/routes.ts";
import { sessionRoutes } from "./sessions/routes.ts";
import { setupRoutes } from "./setup/routes.ts";
import { transferRoutes } from "./transfers/routes.ts";

export const routes = {
  ...instanceRoutes,
  ...setupRoutes,
  ...sessionRoutes,
  ...accountRoutes,
  ...memberRoutes,
  ...deviceRoutes,
  ...transferRoutes,
  ...clockRoutes,
  ...recoveryRoutes,
  ...auditRoutes,
  ...recipientFactorRoutes,
  ...receivingRoutes,
  ...ownFactorRoutes,
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
/** Routes that a member calls. */
export type MemberRoute = {
  [Name in RouteName]: Routes[Name]["auth"] extends "member" ? Name : never;
}[RouteName];
