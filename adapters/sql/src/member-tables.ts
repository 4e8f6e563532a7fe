/** Organisations, their members, and what members sign in with. */
import type { Transaction, View } from "@safeconduct/exchange";
import { copyBytes, type MemberId } from "@safeconduct/foundation";
import type { Kysely } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const organisation = ["id", "name", "created_at as createdAt"] as const;
const member = ["id", "organisation", "name", "address", "created_at as createdAt"] as const;
const session = [
  "id",
  "member",
  "token_hash as tokenHash",
  "created_at as createdAt",
  "used_at as usedAt",
  "expires_at as expiresAt",
] as const;
const token = [
  "id",
  "member",
  "organisation",
  "name",
  "token_hash as tokenHash",
  "created_at as createdAt",
  "used_at as usedAt",
  "revoked_at as revokedAt",
] as const;

export const memberReads = (db: Kysely<Database>) =>
  ({
    organisation: async (id) =>
      (await db.selectFrom("organisations").select(organisation).where("id", "=", id).executeTakeFirst()) ?? null,
    firstOrganisation: async () =>
      (await db.selectFrom("organisations").select(organisation).orderBy("number").limit(1).executeTakeFirst()) ?? null,
    findMember: async (id) =>
      (await db.selectFrom("members").select(member).where("id", "=", id).executeTakeFirst()) ?? null,
    membersAfter: (after, limit) =>
      db
        .selectFrom("members")
        .select(member)
        .where("id", ">", after ?? ("" as MemberId))
        .orderBy("id")
        .limit(limit)
        .execute(),
    findSession: async (tokenHash) =>
      (await db
        .selectFrom("sessions")
        .select(session)
        .where("token_hash", "=", copyBytes(tokenHash))
        .executeTakeFirst()) ?? null,
    findToken: async (tokenHash) =>
      (await db.selectFrom("tokens").select(token).where("token_hash", "=", copyBytes(tokenHash)).executeTakeFirst()) ??
      null,
    tokensOf: (of) =>
      db
        .selectFrom("tokens")
        .select(token)
        .where("member", "=", of)
        .where("revoked_at", "is", null)
        .orderBy("created_at")
        .orderBy("number")
        .execute(),
  }) satisfies Partial<View>;

export const memberWrites = (db: Kysely<Database>) =>
  ({
    async addOrganisation(record) {
      refuseConflict(
        await db
          .insertInto("organisations")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async addMember(record) {
      refuseConflict(
        await db
          .insertInto("members")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async addSession(record) {
      refuseConflict(
        await db
          .insertInto("sessions")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async touchSession(id, usedAt) {
      await db.updateTable("sessions").set(row({ usedAt })).where("id", "=", id).execute();
    },
    async endSession(id) {
      await db.deleteFrom("sessions").where("id", "=", id).execute();
    },
    async addToken(record) {
      refuseConflict(
        await db
          .insertInto("tokens")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async touchToken(id, usedAt) {
      await db.updateTable("tokens").set(row({ usedAt })).where("id", "=", id).execute();
    },
    async revokeToken(id, revokedAt) {
      await db
        .updateTable("tokens")
        .set(row({ revokedAt }))
        .where("id", "=", id)
        .where("revoked_at", "is", null)
        .execute();
    },
  }) satisfies Partial<Transaction>;
