/** Organisations, their members, and what members sign in with. */
import type { Transaction, View } from "@safeconduct/exchange";
import { copyBytes, type MemberId } from "@safeconduct/foundation";
import { type Kysely, sql } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { rolesText, withRoles } from "./roles-text.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const organisation = ["id", "name", "created_at as createdAt"] as const;
const member = [
  "id",
  "organisation",
  "name",
  "address",
  "roles",
  "language",
  "created_at as createdAt",
  "seen_at as seenAt",
  "removed_at as removedAt",
] as const;
const session = [
  "id",
  "member",
  "token_hash as tokenHash",
  "created_at as createdAt",
  "used_at as usedAt",
  "expires_at as expiresAt",
  "browser",
  "system",
  "locked_at as lockedAt",
  "proven_at as provenAt",
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
    async findMember(id) {
      const found = await db.selectFrom("members").select(member).where("id", "=", id).executeTakeFirst();
      return found === undefined ? null : withRoles(found);
    },
    async membersAfter(after, limit) {
      const found = await db
        .selectFrom("members")
        .select(member)
        .where("id", ">", after ?? ("" as MemberId))
        .orderBy("id")
        .limit(limit)
        .execute();
      return found.map(withRoles);
    },
    async membersOf(of) {
      const found = await db
        .selectFrom("members")
        .select(member)
        .where("organisation", "=", of)
        .orderBy("number")
        .execute();
      return found.map(withRoles);
    },
    async memberCount(of) {
      const { count } = await db
        .selectFrom("members")
        .select(({ fn }) => fn.countAll().as("count"))
        .where("organisation", "=", of)
        .where("removed_at", "is", null)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async findMemberByAddress(of, address) {
      const found = await db
        .selectFrom("members")
        .select(member)
        .where("organisation", "=", of)
        .where(sql<boolean>`lower(address) = lower(${address})`)
        .orderBy("number")
        .limit(1)
        .executeTakeFirst();
      return found === undefined ? null : withRoles(found);
    },
    findSession: async (tokenHash) =>
      (await db
        .selectFrom("sessions")
        .select(session)
        .where("token_hash", "=", copyBytes(tokenHash))
        .executeTakeFirst()) ?? null,
    sessionsOf: (of) => db.selectFrom("sessions").select(session).where("member", "=", of).orderBy("number").execute(),
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
    async addMember({ roles, ...record }) {
      refuseConflict(
        await db
          .insertInto("members")
          .values(row({ ...record, roles: rolesText(roles) }))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updateMember(id, { roles, ...change }) {
      const changed = roles === undefined ? change : { ...change, roles: rolesText(roles) };
      if (Object.keys(changed).length === 0) return;
      const { numUpdatedRows } = await db
        .updateTable("members")
        .set(row(changed))
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no member to update");
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
    async updateSession(id, change) {
      await db.updateTable("sessions").set(row(change)).where("id", "=", id).execute();
    },
    async endSession(id) {
      await db.deleteFrom("sessions").where("id", "=", id).execute();
    },
    async endSessionsOf(of) {
      await db.deleteFrom("sessions").where("member", "=", of).execute();
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
