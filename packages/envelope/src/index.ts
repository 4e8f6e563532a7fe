/** Floor 1: how a package is encrypted, granted, sealed and opened. Pure; browser and Node write the same bytes. */
export * from "./link.ts";
export * from "./share.ts";
export { HASH_BYTES, SECRET_BYTES, SUITE } from "./suite.ts";
export * from "./terms.ts";
