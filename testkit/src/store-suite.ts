/** The acceptance suite of the `Store` port: every method and every rule that its comments state. */
import type { Store } from "@safeconduct/exchange";
import { afterEach, beforeEach, describe } from "vitest";
import { storeDueSuite } from "./store-suite-due.ts";
import { storeDevicesSuite } from "./store-suite-devices.ts";
import { storeEventsSuite } from "./store-suite-events.ts";
import { storeGrantsSuite } from "./store-suite-grants.ts";
import { storeInvitationsSuite } from "./store-suite-invitations.ts";
import { storeJobsSuite } from "./store-suite-jobs.ts";
import { storeMembersSuite } from "./store-suite-members.ts";
import { storeOutlinesSuite } from "./store-suite-outlines.ts";
import { storePasskeysSuite } from "./store-suite-passkeys.ts";
import { storeRecoveriesSuite } from "./store-suite-recoveries.ts";
import { storeSearchSuite } from "./store-suite-search.ts";
import { storeTransactionsSuite } from "./store-suite-transactions.ts";
import { storeTransfersSuite } from "./store-suite-transfers.ts";
import { storeValuesSuite } from "./store-suite-values.ts";

/** `openStore` answers an empty store each time; the suite closes it. */
export function storeSuite(name: string, openStore: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    let open: Store;
    beforeEach(async () => {
      open = await openStore();
    });
    afterEach(async () => {
      await open.close();
    });
    const store = () => open;
    describe("transactions", () => {
      storeTransactionsSuite(store);
    });
    describe("instance and members", () => {
      storeMembersSuite(store);
    });
    describe("invitations", () => {
      storeInvitationsSuite(store);
    });
    describe("members' passkeys", () => {
      storePasskeysSuite(store);
    });
    describe("devices", () => {
      storeDevicesSuite(store);
    });
    describe("recovery keys and recoveries", () => {
      storeRecoveriesSuite(store);
    });
    describe("transfers and parts", () => {
      storeTransfersSuite(store);
    });
    describe("outlines of transfers", () => {
      storeOutlinesSuite(store);
    });
    describe("grants, codes and verifications", () => {
      storeGrantsSuite(store);
    });
    describe("what is due", () => {
      storeDueSuite(store);
    });
    describe("events", () => {
      storeEventsSuite(store);
    });
    describe("searches", () => {
      storeSearchSuite(store);
    });
    describe("jobs", () => {
      storeJobsSuite(store);
    });
    describe("values", () => {
      storeValuesSuite(store);
    });
  });
}
