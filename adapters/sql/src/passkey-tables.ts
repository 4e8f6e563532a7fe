/** Passkeys that members sign in with, and the questions that are put to them. */
import type { Transaction, View } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import type { Kysely } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const passkey = [
  "id",
  "member",
  "name",
  "credential_id as credentialId",
  "credential",
  "counter",
  "created_at as createdAt",
  "used_at as usedAt",
] as const;
const challenge = ["holder", "challenge", "expires_at as expiresAt"] as const;

export const passkeyReads = (db: Kysely<Database>) =>
  ({
    passkeysOf: (of) =>
      db.selectFrom("member_passkeys").select(passkey).where("member", "=", of).orderBy("number").execute(),
    findPasskey: async (credentialId) =>
      (await db
        .selectFrom("member_passkeys")
        .select(passkey)
        .where("credential_id", "=", copyBytes(credentialId))
        .executeTakeFirst()) ?? null,
    findChallenge: async (holder) =>
      (await db
        .selectFrom("passkey_challenges")
        .select(challenge)
        .where("holder", "=", copyBytes(holder))
        .executeTakeFirst()) ?? null,
  }) satisfies Partial<View>;

export const passkeyWrites = (db: Kysely<Database>) =>
  ({
    async addPasskey(record) {
      refuseConflict(
        await db
          .insertInto("member_passkeys")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updatePasskey(id, change) {
      const { numUpdatedRows } = await db
        .updateTable("member_passkeys")
        .set(row(change))
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no passkey to update");
    },
    async deletePasskey(id) {
      await db.deleteFrom("member_passkeys").where("id", "=", id).execute();
    },
    async saveChallenge({ holder, ...rest }) {
      await db
        .insertInto("passkey_challenges")
        .values({ holder: copyBytes(holder), ...row(rest) })
        .onConflict((conflict) => conflict.column("holder").doUpdateSet(row(rest)))
        .execute();
    },
    async deleteChallenge(holder) {
      await db.deleteFrom("passkey_challenges").where("holder", "=", copyBytes(holder)).execute();
    },
  }) satisfies Partial<Transaction>;
