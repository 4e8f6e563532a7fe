/** Invitations to become a member. */
import type { Transaction, View } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import type { Kysely } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { rolesText, withRoles } from "./roles-text.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const invitation = [
  "id",
  "organisation",
  "member",
  "address",
  "name",
  "roles",
  "invited_by as invitedBy",
  "salt",
  "token_hash as tokenHash",
  "created_at as createdAt",
  "sent_at as sentAt",
  "expires_at as expiresAt",
  "undelivered_at as undeliveredAt",
  "pending_name as pendingName",
] as const;

export const invitationReads = (db: Kysely<Database>) =>
  ({
    async findInvitation(id) {
      const found = await db.selectFrom("invitations").select(invitation).where("id", "=", id).executeTakeFirst();
      return found === undefined ? null : withRoles(found);
    },
    async findInvitationByToken(tokenHash) {
      const found = await db
        .selectFrom("invitations")
        .select(invitation)
        .where("token_hash", "=", copyBytes(tokenHash))
        .executeTakeFirst();
      return found === undefined ? null : withRoles(found);
    },
    async invitationsOf(organisation) {
      const found = await db
        .selectFrom("invitations")
        .select(invitation)
        .where("organisation", "=", organisation)
        .orderBy("number")
        .execute();
      return found.map(withRoles);
    },
  }) satisfies Partial<View>;

export const invitationWrites = (db: Kysely<Database>) =>
  ({
    async addInvitation({ roles, ...record }) {
      refuseConflict(
        await db
          .insertInto("invitations")
          .values(row({ ...record, roles: rolesText(roles) }))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updateInvitation(id, change) {
      const { numUpdatedRows } = await db
        .updateTable("invitations")
        .set(row(change))
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no invitation to update");
    },
    async deleteInvitation(id) {
      await db.deleteFrom("invitations").where("id", "=", id).execute();
    },
  }) satisfies Partial<Transaction>;
