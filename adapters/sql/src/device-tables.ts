/** Devices, passkeys and recovery keys of members; the chain that says whose they are; the member key sealed to each. */
import type { Transaction, View } from "@safeconduct/exchange";
import type { Kysely } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const device = [
  "id",
  "member",
  "organisation",
  "name",
  "kind",
  "signing_public_key as signingPublicKey",
  "hpke_public_key as hpkePublicKey",
  "sealed_keys as sealedKeys",
  "created_at as createdAt",
  "removed_at as removedAt",
] as const;
const request = [
  "id",
  "member",
  "name",
  "signing_public_key as signingPublicKey",
  "hpke_public_key as hpkePublicKey",
  "proof",
  "approval",
  "created_at as createdAt",
] as const;

export const deviceReads = (db: Kysely<Database>) =>
  ({
    findDevice: async (id) =>
      (await db.selectFrom("devices").select(device).where("id", "=", id).executeTakeFirst()) ?? null,
    async deviceCount(of) {
      const { count } = await db
        .selectFrom("devices")
        .select(({ fn }) => fn.countAll().as("count"))
        .where("member", "=", of)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    devicesOf: (of) => db.selectFrom("devices").select(device).where("member", "=", of).orderBy("number").execute(),
    statementsOf: (of) =>
      db
        .selectFrom("member_statements")
        .select(["member", "position", "statement", "signature"])
        .where("member", "=", of)
        .orderBy("position")
        .execute(),
    memberKeyWrapsOf: (of) =>
      db
        .selectFrom("member_key_wraps")
        .select(["member", "generation", "holder", "sealed"])
        .where("member", "=", of)
        .orderBy("generation")
        .execute(),
    deviceRequestsOf: (of) =>
      db.selectFrom("device_requests").select(request).where("member", "=", of).orderBy("number").execute(),
  }) satisfies Partial<View>;

export const deviceWrites = (db: Kysely<Database>) =>
  ({
    async addDevice(record) {
      refuseConflict(
        await db
          .insertInto("devices")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async removeDevice(id, removedAt) {
      await db.deleteFrom("member_key_wraps").where("holder", "=", id).execute();
      await db
        .updateTable("devices")
        .set(row({ removedAt, sealedKeys: null }))
        .where("id", "=", id)
        .execute();
    },
    async addStatement(record) {
      refuseConflict(
        await db
          .insertInto("member_statements")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async addMemberKeyWrap(record) {
      refuseConflict(
        await db
          .insertInto("member_key_wraps")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async forgetMemberChain(member) {
      await db.deleteFrom("member_key_wraps").where("member", "=", member).execute();
      await db.deleteFrom("member_statements").where("member", "=", member).execute();
    },
    async addDeviceRequest(record) {
      refuseConflict(
        await db
          .insertInto("device_requests")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async approveDeviceRequest(id, approval) {
      await db.updateTable("device_requests").set(row({ approval })).where("id", "=", id).execute();
    },
    async forgetDeviceRequests(before) {
      await db.deleteFrom("device_requests").where("created_at", "<", before).execute();
    },
  }) satisfies Partial<Transaction>;
