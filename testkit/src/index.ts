/** What tests share: data, fakes and one acceptance suite for each port. */
export * from "./crypto-ports-suite.ts";
export * from "./shared-data.ts";
export * from "./memory-tile-store.ts";
export * from "./merkle-oracle.ts";
export * from "./tile-store-suite.ts";
export * from "./memory-blob-store.ts";
export * from "./memory-mail.ts";
export * from "./memory-store.ts";
export * from "./key-ring-memory.ts";
export * from "./key-service-fake.ts";
export * from "./key-service-scene.ts";
export * from "./key-service-suite.ts";
export * from "./store-records.ts";
export * from "./store-suite.ts";
export * from "./blob-store-suite.ts";
export * from "./known.ts";
export * from "./mail-suite.ts";
