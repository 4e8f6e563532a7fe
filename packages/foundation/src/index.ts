/** Floor 0: bytes, canonical encoding, ids, problems and the ports of the platform. Imports nothing. */
export * from "./binary.ts";
export * from "./bytes.ts";
export * from "./hpke.ts";
export * from "./ids.ts";
export * from "./merkle-tree.ts";
export * from "./ports.ts";
export * from "./problems.ts";
