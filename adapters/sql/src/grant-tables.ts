/** Grants, the codes that confirm an address, and recipients who have confirmed theirs. */
import type { Transaction, View } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import { type Kysely, sql } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const grant = [
  "id",
  "transfer",
  "organisation",
  "kind",
  "address",
  "name",
  "recipient_organisation as recipientOrganisation",
  "language",
  "state",
  "terms",
  "terms_hash as termsHash",
  "slot",
  "sealed_link_secret as sealedLinkSecret",
  "not_before as notBefore",
  "not_after as notAfter",
  "ends_at as endsAt",
  "release_cap as releaseCap",
  "releases",
  "passcode_verifier_hash as passcodeVerifierHash",
  "factor_failures as factorFailures",
  "factor_locked_until as factorLockedUntil",
  "created_at as createdAt",
  "confirmed_at as confirmedAt",
  "first_released_at as firstReleasedAt",
  "receipt_at as receiptAt",
  "terms_accepted_at as termsAcceptedAt",
  "deletion_attested_at as deletionAttestedAt",
  "deletion_codes as deletionCodes",
  "problem_kind as problemKind",
  "problem_reported_at as problemReportedAt",
  "problem_reports as problemReports",
  "problem_settled_at as problemSettledAt",
  "code_undelivered_at as codeUndeliveredAt",
  "suspended_at as suspendedAt",
  "suspended_by as suspendedBy",
  "ended_at as endedAt",
  "destroy_due_at as destroyDueAt",
  "destroyed_at as destroyedAt",
] as const;
const code = [
  "grant",
  "code_hash as codeHash",
  "salt",
  "expires_at as expiresAt",
  "failures",
  "locked_until as lockedUntil",
  "sent_at as sentAt",
  "sends",
  "send_window_at as sendWindowAt",
] as const;
const verification = [
  "id",
  "grant",
  "token_hash as tokenHash",
  "created_at as createdAt",
  "expires_at as expiresAt",
  "factor_passed_at as factorPassedAt",
  "challenge",
  "challenge_expires_at as challengeExpiresAt",
] as const;

/**
 * Word for word the conditions of the partial indices: a planner uses such an index only for the same literals.
 * Index `grants_live` holds what can still end, the indices `grants_to_destroy_…` what still has a share to destroy.
 */
const LIVE = sql<boolean>`kind = 'recipient' and state in ('pending', 'confirmed', 'used')`;
const TO_DESTROY = {
  order: sql<boolean>`destroyed_at is null and state in ('revoked', 'closed')`,
  time: sql<boolean>`destroyed_at is null and state in ('expired', 'capped')`,
};

export const grantReads = (db: Kysely<Database>) => {
  const notHeld = () =>
    db
      .selectFrom("grants")
      .where(({ not, exists, selectFrom, lit }) =>
        not(
          exists(
            selectFrom("holds")
              .select(lit(1).as("one"))
              .whereRef("holds.transfer", "=", "grants.transfer")
              .where("holds.lifted_at", "is", null),
          ),
        ),
      );
  return {
    findGrant: async (id) =>
      (await db.selectFrom("grants").select(grant).where("id", "=", id).executeTakeFirst()) ?? null,
    grantsOf: (transfer) =>
      db
        .selectFrom("grants")
        .select(grant)
        .where("transfer", "=", transfer)
        // "sender", "recovery", "recipient".
        .orderBy("kind", "desc")
        .orderBy("number")
        .execute(),
    findReleaseKey: async (of, keyHash) =>
      (await db
        .selectFrom("release_keys")
        .select(["grant", "key_hash as keyHash", "at"])
        .where("grant", "=", of)
        .where("key_hash", "=", copyBytes(keyHash))
        .executeTakeFirst()) ?? null,
    async releaseKeyCount(of) {
      const { count } = await db
        .selectFrom("release_keys")
        .select(({ fn }) => fn.countAll().as("count"))
        .where("grant", "=", of)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    findCode: async (of) =>
      (await db.selectFrom("codes").select(code).where("grant", "=", of).executeTakeFirst()) ?? null,
    findVerification: async (tokenHash) =>
      (await db
        .selectFrom("verifications")
        .select(verification)
        .where("token_hash", "=", copyBytes(tokenHash))
        .executeTakeFirst()) ?? null,
    findVerificationById: async (id) =>
      (await db.selectFrom("verifications").select(verification).where("id", "=", id).executeTakeFirst()) ?? null,
    grantsPastEnd: (now, limit) =>
      db
        .selectFrom("grants")
        .select(grant)
        .where(LIVE)
        .where("ends_at", "<=", now)
        .orderBy("ends_at")
        .orderBy("number")
        .limit(limit)
        .execute(),
    openGrants: (of, { now, skip, limit }) =>
      db
        .selectFrom("grants")
        .select(grant)
        .where(LIVE)
        .where("organisation", "=", of)
        .where("ends_at", ">", now)
        .orderBy("ends_at")
        .orderBy("number")
        .offset(skip)
        .limit(limit)
        .execute(),
    grantsToDestroy: (now, limit, cause) =>
      notHeld()
        .where(TO_DESTROY[cause])
        .where(({ exists, selectFrom, lit }) =>
          exists(
            selectFrom("transfers")
              .select(lit(1).as("one"))
              .whereRef("transfers.id", "=", "grants.transfer")
              .where("transfers.destroyed_at", "is", null)
              .where((due) =>
                due.or([due("transfers.destroy_due_at", "is", null), due("transfers.destroy_due_at", ">", now)]),
              ),
          ),
        )
        .select(grant)
        .where("destroy_due_at", "<=", now)
        .orderBy("destroy_due_at")
        .orderBy("number")
        .limit(limit)
        .execute(),
  } satisfies Partial<View>;
};

export const grantWrites = (db: Kysely<Database>) =>
  ({
    async addGrant(record) {
      refuseConflict(
        await db
          .insertInto("grants")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updateGrant(id, change) {
      if (Object.keys(change).length === 0) return;
      const { numUpdatedRows } = await db
        .updateTable("grants")
        .set(row(change))
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no grant to update");
    },
    async addReleaseKey(record) {
      refuseConflict(
        await db
          .insertInto("release_keys")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async saveCode({ grant: of, ...rest }) {
      await db
        .insertInto("codes")
        .values({ grant: of, ...row(rest) })
        .onConflict((conflict) => conflict.column("grant").doUpdateSet(row(rest)))
        .execute();
    },
    async addVerification(record) {
      refuseConflict(
        await db
          .insertInto("verifications")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async passFactor(id, at) {
      const { numUpdatedRows } = await db
        .updateTable("verifications")
        .set({ factor_passed_at: at })
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no verification to update");
    },
    async setChallenge(id, challenge, expiresAt) {
      const { numUpdatedRows } = await db
        .updateTable("verifications")
        .set({ challenge, challenge_expires_at: expiresAt })
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no verification to update");
    },
    async endVerifications(of) {
      await db.deleteFrom("verifications").where("grant", "=", of).execute();
    },
    async forgetExpired(now) {
      await db.deleteFrom("verifications").where("expires_at", "<=", now).execute();
      await db.deleteFrom("sessions").where("expires_at", "<=", now).execute();
      await db.deleteFrom("passkey_challenges").where("expires_at", "<=", now).execute();
    },
  }) satisfies Partial<Transaction>;
