/** Use cases of moving files to people outside, and the ports they need. */
export type * from "./keys/ports.ts";
export type * from "./mail/ports.ts";
export type * from "./records.ts";
export type * from "./storage/ports.ts";
export type * from "./store.ts";
