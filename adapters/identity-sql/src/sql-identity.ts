/**
 * Accounts in the product's own database, behind the port `Identity`. Why this is ours: docs/adr/0003-identity.md.
 *
 * Every attempt is counted durably before anything is compared, and forgiven when it succeeds: parallel guesses, a crash
 * and a restart all leave their mark. Each change is one conditional statement, so that it is right on SQLite and on
 * PostgreSQL at any isolation level, and needs no transaction of its own.
 */
import type { EnrolmentRequest, Identity } from "@safeconduct/exchange";
import type { Clock, MemberId, Random } from "@safeconduct/foundation";
import type { Kysely, Selectable } from "kysely";
import { isWaiting, waitAfterMs } from "./attempt-wait.ts";
import { identityProblem } from "./errors.ts";
import { type IdentityKeys, identityKeys } from "./identity-keys.ts";
import { argon2id, type PasswordHash } from "./password-hash.ts";
import { acceptedPassword, normalisedPassword } from "./password-rules.ts";
import { DECOY_ROW, type IdentityTables, identityTables } from "./tables.ts";
import { acceptedStep, base32Text, otpauthUri, TOTP_SECRET_BYTES } from "./totp.ts";

export interface SqlIdentityOptions<Tables> {
  /** The product's database after `migrateIdentity`; a handle that is not bound to a transaction. */
  readonly db: Kysely<Tables>;
  /** 32 bytes of the identity key file. */
  readonly key: Uint8Array;
  /** What authenticator apps show above the code. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly random: Random;
}

type Account = Selectable<IdentityTables["identity_account"]>;
/** The two secrets that an attempt is compared with: an account's, or a decoy's that nothing matches. */
type Comparable = Pick<Account, "member" | "password_hash" | "totp_secret" | "totp_last_step">;

/** No accepted step yet. */
const NO_STEP = -1;
/** How many other attempts on the account may overtake this one while it is being counted; then it is not tried at all. */
const COUNTING_LIMIT = 32;

/** @throws RangeError when the key has not 32 bytes */
export function sqlIdentity<Tables>(options: SqlIdentityOptions<Tables>): Identity {
  return new SqlIdentity({ ...options, db: identityTables(options.db) });
}

class SqlIdentity implements Identity {
  private readonly db: Kysely<IdentityTables>;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly issuer: string;
  private readonly keys: IdentityKeys;
  private readonly passwords: PasswordHash;
  private readonly decoy: Comparable;

  constructor(options: SqlIdentityOptions<IdentityTables>) {
    this.db = options.db;
    this.clock = options.clock;
    this.random = options.random;
    this.issuer = options.issuer;
    this.keys = identityKeys(options.key, options.random);
    this.passwords = argon2id({ pepper: this.keys.pepper, random: options.random });
    const nobody = "" as MemberId;
    this.decoy = {
      member: nobody,
      password_hash: this.passwords.decoy(),
      totp_secret: this.keys.sealSecret(nobody, options.random.bytes(TOTP_SECRET_BYTES)),
      totp_last_step: NO_STEP,
    };
  }

  async enrol(request: EnrolmentRequest): Promise<{ otpauthUri: string; secret: string }> {
    const password = acceptedPassword(request);
    const digest = this.keys.addressDigest(request.address);
    await this.assertFree(request.member, digest);
    const secret = this.random.bytes(TOTP_SECRET_BYTES);
    const content = {
      address_digest: digest,
      password_hash: await this.passwords.hash(password),
      totp_secret: this.keys.sealSecret(request.member, secret),
      totp_last_step: NO_STEP,
      failures: 0,
      wait_until: 0,
      confirmed_at: null,
    };
    await this.db
      .deleteFrom("identity_account")
      .where("address_digest", "=", digest)
      .where("member", "!=", request.member)
      .where("confirmed_at", "is", null)
      .execute();
    try {
      const saved = await this.db
        .insertInto("identity_account")
        .values({ member: request.member, ...content })
        .onConflict((row) =>
          row.column("member").doUpdateSet(content).where("identity_account.confirmed_at", "is", null),
        )
        .returning("member")
        .executeTakeFirst();
      if (saved === undefined) throw identityProblem("identity/already-enrolled");
    } catch (error) {
      // Somebody else took the address in between; the databases name that differently, so look again.
      await this.assertFree(request.member, digest);
      throw error;
    }
    return {
      otpauthUri: otpauthUri({ issuer: this.issuer, address: request.address, secret }),
      secret: base32Text(secret),
    };
  }

  async confirmAuthenticator(request: { member: MemberId; code: string }): Promise<boolean> {
    const now = this.clock.now();
    const account = await this.find("member", request.member);
    const counted = await this.countAttempt(account, now);
    const step = this.stepOf(counted ?? this.decoy, request.code, now);
    if (counted === null || step === null) return false;
    return this.succeed(counted, { step, confirmedAt: Number(counted.confirmed_at ?? now) });
  }

  async signIn(request: { address: string; password: string; code: string }): Promise<{ member: MemberId } | null> {
    const now = this.clock.now();
    const account = await this.find("address_digest", this.keys.addressDigest(request.address));
    const isActive = account !== null && account.confirmed_at !== null;
    const counted = await this.countAttempt(isActive ? account : null, now);
    const compared = counted ?? this.decoy;
    // Nothing returns before both are compared: an early answer would say which of the two was wrong.
    const password = normalisedPassword(request.password) ?? "";
    const passwordMatches = await this.passwords.verify(password, compared.password_hash);
    const step = this.stepOf(compared, request.code, now);
    if (counted === null || !passwordMatches || step === null) return null;
    const succeeded = await this.succeed(counted, { step, confirmedAt: Number(counted.confirmed_at) });
    return succeeded ? { member: counted.member as MemberId } : null;
  }

  async preparePassword(request: EnrolmentRequest): Promise<{ takeEffect(): Promise<boolean> }> {
    const hash = await this.passwords.hash(acceptedPassword(request));
    return {
      takeEffect: async () => {
        const { numUpdatedRows } = await this.db
          .updateTable("identity_account")
          .set({ password_hash: hash })
          .where("member", "=", request.member)
          .where("confirmed_at", "is not", null)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      },
    };
  }

  async remove(member: MemberId): Promise<void> {
    await this.db.deleteFrom("identity_account").where("member", "=", member).execute();
  }

  private async find(column: "member" | "address_digest", value: string): Promise<Account | null> {
    const row = await this.db.selectFrom("identity_account").selectAll().where(column, "=", value).executeTakeFirst();
    return row ?? null;
  }

  /**
   * Counts one attempt on `account` as failed, and answers the account it was counted on. Null when there is nothing to
   * try: no account, or it waits. Writes once either way.
   */
  private async countAttempt(account: Account | null, now: number): Promise<Account | null> {
    let seen = account;
    for (let round = 0; round < COUNTING_LIMIT && seen !== null; round++) {
      if (isWaiting(Number(seen.wait_until), now)) break;
      const failures = seen.failures + 1;
      const { numUpdatedRows } = await this.db
        .updateTable("identity_account")
        .set({ failures, wait_until: now + waitAfterMs(failures) })
        .where("member", "=", seen.member)
        .where("failures", "=", seen.failures)
        .where("wait_until", "=", Number(seen.wait_until))
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return seen;
      seen = await this.find("member", seen.member);
    }
    await this.db.updateTable("identity_decoy").set({ touched_at: now }).where("id", "=", DECOY_ROW).execute();
    return null;
  }

  /** Spends the step and forgives the failures, unless the step was spent or the account replaced in the meantime. */
  private async succeed(account: Account, success: { step: number; confirmedAt: number }): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable("identity_account")
      .set({ totp_last_step: success.step, failures: 0, wait_until: 0, confirmed_at: success.confirmedAt })
      .where("member", "=", account.member)
      .where("totp_last_step", "<", success.step)
      .where("totp_secret", "=", account.totp_secret)
      // A password that was changed while it was compared is the old one.
      .where("password_hash", "=", account.password_hash)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  private stepOf(compared: Comparable, code: string, now: number): number | null {
    const secret = this.keys.openSecret(compared.member, compared.totp_secret);
    return acceptedStep({ secret, code, now, lastStep: compared.totp_last_step });
  }

  /** @throws Problem when the member has an active account or the address belongs to another one */
  private async assertFree(member: MemberId, digest: string): Promise<void> {
    const active = await this.db
      .selectFrom("identity_account")
      .select("member")
      .where("confirmed_at", "is not", null)
      .where((row) => row.or([row("member", "=", member), row("address_digest", "=", digest)]))
      .execute();
    if (active.some((row) => row.member === member)) throw identityProblem("identity/already-enrolled");
    if (active.length > 0) throw identityProblem("identity/address-taken");
  }
}
