/** What tests share: data, fakes and one acceptance suite for each port. */
export * from "./shared-data.ts";
