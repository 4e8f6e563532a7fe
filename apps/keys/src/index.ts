/** The key service's process, for who starts it in another way than `main.ts`. */
export { CannotStart, EXIT_CODES } from "./exit-codes.ts";
export * from "./key-server.ts";
export type { KeysLog, KeysLogEvent } from "./log.ts";
