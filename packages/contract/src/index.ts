/** The HTTP API as data: schemas, routes, typed client. */
export * from "./bounded-body.ts";
export * from "./client.ts";
export * from "./fields.ts";
export * from "./messages.ts";
export * from "./openapi.ts";
export * from "./routes.ts";
