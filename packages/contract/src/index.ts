/** The HTTP API as data: schemas, routes, typed client. */
export * from "./api-client.ts";
export * from "./bounded-body.ts";
export * from "./client.ts";
export { ownFactorRoutes } from "./factors/routes.ts";
export * from "./fields.ts";
export { instanceRoutes } from "./instance/routes.ts";
export * from "./messages.ts";
export * from "./openapi.ts";
export { receivingRoutes } from "./receiving/routes.ts";
export { API_BASE, type Auth, type Route } from "./route.ts";
export * from "./routes.ts";
