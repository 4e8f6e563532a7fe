/**
 * Every request and answer of the HTTP API under /api/v1; they stand in FEATURE/messages.ts, beside the routes that speak of them.
 * Request schemas turn text into branded types and bytes; answer schemas describe the JSON as it goes over the wire.
 */
export * from "./account/messages.ts";
export * from "./audit/messages.ts";
export * from "./clock/messages.ts";
export * from "./devices/messages.ts";
export * from "./factors/messages.ts";
export * from "./instance/messages.ts";
export * from "./members/messages.ts";
export * from "./receiving/messages.ts";
export * from "./recovery/messages.ts";
export * from "./sessions/messages.ts";
export * from "./setup/messages.ts";
export * from "./transfers/messages.ts";
export * from "./limits.ts";
export { authenticatorAnswer } from "./pieces.ts";
export * from "./problem.ts";
