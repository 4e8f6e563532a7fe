/** What every implementation of the port `Identity` must do, whatever database or service is behind it. */
import { randomBytes } from "node:crypto";
import type { Identity } from "@safeconduct/exchange";
import { type Clock, copyBytes, drawId, type MemberId, type Random } from "@safeconduct/foundation";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authenticatorCode, base32Bytes } from "./authenticator.ts";

/** One empty place for accounts. */
export interface IdentityHost {
  /** Opens the accounts; a second call stands for a restart. */
  open(ports: { clock: Clock; random: Random }): Promise<Identity>;
  /** Everything that a copy of the database shows, in one text. */
  contents(): Promise<string>;
  close(): Promise<void>;
}

const STEP_MS = 30_000;
const MINUTE_MS = 60_000;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
const FREE_FAILURES = 5;
/** The beginning of a time step. */
const START = Date.UTC(2026, 0, 5, 8, 0, 0);
const ADDRESS = "ann.example@clinic.example.org";
const NAME = "Ann Example";
const PASSWORD = "orbit velvet cactus 7";

export function identitySuite(makeHost: () => Promise<IdentityHost>): void {
  let host: IdentityHost;
  let identity: Identity;
  let now: number;
  const clock: Clock = { now: () => now, monotonic: () => now };
  const random: Random = { bytes: (length) => copyBytes(randomBytes(length)) };

  beforeEach(async () => {
    now = START;
    host = await makeHost();
    identity = await host.open({ clock, random });
  });
  afterEach(() => host.close());

  const newMember = () => drawId("member", random);
  const enrol = (change: { member?: MemberId; address?: string; name?: string; password?: string } = {}) =>
    identity.enrol({ member: newMember(), address: ADDRESS, name: NAME, password: PASSWORD, ...change });
  /** An active account, at a time when its next code is fresh. */
  async function account(change: { address?: string; password?: string } = {}) {
    const member = newMember();
    const { secret } = await enrol({ member, ...change });
    expect(await identity.confirmAuthenticator({ member, code: authenticatorCode(secret, now) })).toBe(true);
    now += STEP_MS;
    return { member, secret };
  }
  const signIn = (change: { address?: string; password?: string; code: string }) =>
    identity.signIn({ address: ADDRESS, password: PASSWORD, ...change });
  const fail = (secret: string) =>
    signIn({ password: "not the password at all", code: authenticatorCode(secret, now) });
  async function failInARow(secret: string, times: number) {
    for (let i = 0; i < times; i++) expect(await fail(secret)).toBeNull();
  }

  const refused = [
    ["14 characters", "orbit velvet c", "identity/password-too-short"],
    ["129 characters", "orbit velvet ".repeat(10).slice(0, 129), "identity/password-too-long"],
    ["14 characters outside the basic plane", "🦊🌵🚲🎻🧀🪁🛶🐙🍐🎈🦉🥁🪴🧭", "identity/password-too-short"],
    ["15 characters that NFC makes 14", "orbit velvet e\u0301", "identity/password-too-short"],
    ["a lone surrogate", "orbit velvet \ud800 cactus", "identity/password-characters"],
    ["an unassigned character", "orbit velvet \u0378 cactus", "identity/password-characters"],
    ["a common word twice", "passwordpassword", "identity/password-guessable"],
    ["common words and digits", "Welcome-Admin-12345", "identity/password-guessable"],
    ["a walk on the keyboard", "qwertyuiopasdfghjkl", "identity/password-guessable"],
    ["digits in order", "123456789012345", "identity/password-guessable"],
    ["one character", "a".repeat(20), "identity/password-guessable"],
    ["a short repetition", "xk7q".repeat(5), "identity/password-guessable"],
    ["the person's own name", "AnnExample123456", "identity/password-guessable"],
    ["the person's own address", "ann.example@clinic.example.org", "identity/password-guessable"],
  ] as const;

  describe("enrolment", () => {
    it("answers with an authenticator that apps can read", async () => {
      const { otpauthUri, secret } = await enrol();
      const uri = new URL(otpauthUri);
      expect(uri.protocol + uri.host).toBe("otpauth:totp");
      expect(decodeURIComponent(uri.pathname)).toContain(`:${ADDRESS}`);
      expect(uri.searchParams.get("secret")).toBe(secret);
      expect(uri.searchParams.get("issuer")).toBeTruthy();
      expect(uri.searchParams.get("algorithm")).toBe("SHA1");
      expect(uri.searchParams.get("digits")).toBe("6");
      expect(uri.searchParams.get("period")).toBe("30");
      expect(base32Bytes(secret)).toHaveLength(20);
    });

    it("does not let anybody in before the authenticator is confirmed", async () => {
      const { secret } = await enrol();
      expect(await signIn({ code: authenticatorCode(secret, now) })).toBeNull();
    });

    it("replaces a pending account of the same member, secret and password", async () => {
      const member = newMember();
      const first = await enrol({ member });
      const second = await enrol({ member, password: "another granite lantern" });
      expect(await identity.confirmAuthenticator({ member, code: authenticatorCode(first.secret, now) })).toBe(false);
      expect(await identity.confirmAuthenticator({ member, code: authenticatorCode(second.secret, now) })).toBe(true);
      now += STEP_MS;
      expect(await signIn({ code: authenticatorCode(second.secret, now) })).toBeNull();
      expect(
        await signIn({ code: authenticatorCode(second.secret, now), password: "another granite lantern" }),
      ).toEqual({
        member,
      });
    });

    it("refuses a member whose account is active, and leaves that account alone", async () => {
      const { member, secret } = await account();
      await expect(enrol({ member, address: "other@example.org" })).rejects.toMatchObject({
        code: "identity/already-enrolled",
      });
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("refuses the address of another active account, in any letter case", async () => {
      const { member, secret } = await account();
      await expect(enrol({ address: ADDRESS.toUpperCase() })).rejects.toMatchObject({ code: "identity/address-taken" });
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("takes the address of an account that was never confirmed", async () => {
      const abandoned = newMember();
      const { secret } = await enrol({ member: abandoned });
      await account();
      expect(await identity.confirmAuthenticator({ member: abandoned, code: authenticatorCode(secret, now) })).toBe(
        false,
      );
    });

    it("gives one address to one of two members who enrol and confirm it at once", async () => {
      const members = [newMember(), newMember()];
      const enrolled = await Promise.allSettled(members.map((member) => enrol({ member })));
      const active: MemberId[] = [];
      for (const [i, result] of enrolled.entries()) {
        const member = members[i];
        if (result.status === "rejected" || member === undefined) continue;
        const code = authenticatorCode(result.value.secret, now);
        if (await identity.confirmAuthenticator({ member, code })) active.push(member);
      }
      expect(active).toHaveLength(1);
    });
  });

  describe("passwords", () => {
    it.each(refused)("refuses %s", async (_, password, code) => {
      await expect(enrol({ password })).rejects.toMatchObject({ name: "Problem", code });
    });

    it("never repeats the password in what it refuses with", async () => {
      const error: unknown = await enrol({ password: "AnnExample123456" }).catch((reason: unknown) => reason);
      expect(JSON.stringify(error) + String(error)).not.toMatch(/AnnExample123456/i);
    });

    const accepted = [
      ["15 characters", "orbit velvet ca"],
      ["128 characters", "orbit velvet ".repeat(10).slice(0, 127) + "7"],
      ["15 characters outside the basic plane", "🦊🌵🚲🎻🧀🪁🛶🐙🍐🎈🦉🥁🪴🧭🪻"],
      ["15 punctuation marks", "^&*}{:<>?~|_+=%"],
      ["spaces at both ends", " orbit velvet cactus "],
      ["a passphrase with common words among others", "my password is orbit velvet"],
    ] as const;
    it.each(accepted)("takes %s, and all of it", async (_, password) => {
      const { member, secret } = await account({ password });
      expect(
        await signIn({ password: [...password].slice(0, -1).join(""), code: authenticatorCode(secret, now) }),
      ).toBeNull();
      expect(await signIn({ password, code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("takes the same letters from a device that composes them and one that does not", async () => {
      const { member, secret } = await account({ password: "ma\u00f1ana \u00e9t\u00e9 violoncelle" });
      const decomposed = "man\u0303ana e\u0301te\u0301 violoncelle";
      expect(await signIn({ password: decomposed, code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("keeps characters apart that only look alike in compatibility forms", async () => {
      const { secret } = await account({ password: "o\ufb03ce velvet cactus" });
      expect(await signIn({ password: "office velvet cactus", code: authenticatorCode(secret, now) })).toBeNull();
    });
  });

  describe("codes", () => {
    const edges = [
      ["two steps early", -2 * STEP_MS, false],
      ["one step early", -STEP_MS, true],
      ["at the first millisecond of its step", 0, true],
      ["at the last millisecond of its step", STEP_MS - 1, true],
      ["at the last millisecond of the next step", 2 * STEP_MS - 1, true],
      ["at the first millisecond of the step after that", 2 * STEP_MS, false],
    ] as const;
    it.each(edges)("counts a code %s: %#", async (_, offsetMs, right) => {
      const { member, secret } = await account();
      now += 10 * STEP_MS;
      const code = authenticatorCode(secret, now);
      now += offsetMs;
      expect(await signIn({ code })).toEqual(right ? { member } : null);
    });

    it.each(edges)("confirms an authenticator by a code %s: %#", async (_, offsetMs, right) => {
      const member = newMember();
      const { secret } = await enrol({ member });
      const code = authenticatorCode(secret, now);
      now += offsetMs;
      expect(await identity.confirmAuthenticator({ member, code })).toBe(right);
    });

    it("are accepted once", async () => {
      const { member, secret } = await account();
      const code = authenticatorCode(secret, now);
      expect(await signIn({ code })).toEqual({ member });
      expect(await signIn({ code })).toBeNull();
      now += STEP_MS;
      expect(await signIn({ code })).toBeNull();
    });

    it("are accepted once by sign-ins at the same moment", async () => {
      const { member, secret } = await account();
      const code = authenticatorCode(secret, now);
      const results = await Promise.all([1, 2, 3, 4].map(() => signIn({ code })));
      expect(results.filter((result) => result !== null)).toEqual([{ member }]);
    });

    it("of an earlier step are refused after a later one", async () => {
      const { member, secret } = await account();
      const earlier = authenticatorCode(secret, now);
      now += STEP_MS;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
      expect(await signIn({ code: earlier })).toBeNull();
    });

    it("that confirmed the authenticator do not sign in", async () => {
      const member = newMember();
      const { secret } = await enrol({ member });
      const code = authenticatorCode(secret, now);
      expect(await identity.confirmAuthenticator({ member, code })).toBe(true);
      expect(await signIn({ code })).toBeNull();
    });

    it("of another member are refused", async () => {
      await account();
      const other = await account({ address: "other@example.org" });
      expect(await signIn({ code: authenticatorCode(other.secret, now) })).toBeNull();
    });

    it.each(["", "12345", "1234567", "abcdef", "１２３４５６", "12345\n", "-12345", "1e5000", "000000 ".repeat(9)])(
      "that are not six digits are refused: %j",
      async (code) => {
        await account();
        expect(await signIn({ code })).toBeNull();
      },
    );
  });

  describe("sign-in", () => {
    it("needs password and code", async () => {
      const { member, secret } = await account();
      const code = authenticatorCode(secret, now);
      const wrong = code === "000000" ? "000001" : "000000";
      expect(await signIn({ code: wrong })).toBeNull();
      expect(await signIn({ code, password: "orbit velvet cactus 8" })).toBeNull();
      expect(await signIn({ code, password: "" })).toBeNull();
      expect(await signIn({ code, password: PASSWORD.repeat(100) })).toBeNull();
      expect(await signIn({ code })).toEqual({ member });
    });

    it("finds the address in any letter case", async () => {
      const { member, secret } = await account();
      expect(await signIn({ address: ADDRESS.toUpperCase(), code: authenticatorCode(secret, now) })).toEqual({
        member,
      });
    });

    it.each(["nobody@example.org", "", "'; drop table identity_account; --", "\u0000"])(
      "answers null for an address that nobody has: %j",
      async (address) => {
        const { secret } = await account();
        expect(await signIn({ address, code: authenticatorCode(secret, now) })).toBeNull();
      },
    );

    it("forgets a member who is removed, and frees the address", async () => {
      const { member, secret } = await account();
      await identity.remove(member);
      await identity.remove(member);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toBeNull();
      const next = await account();
      expect(await signIn({ code: authenticatorCode(next.secret, now) })).toEqual({ member: next.member });
    });
  });

  describe("a new password", () => {
    const NEW = "another granite lantern";
    const prepare = (member: MemberId, password = NEW) =>
      identity.preparePassword({ member, address: ADDRESS, name: NAME, password });

    it("is right from the moment it takes effect, and the old one no more; codes go on", async () => {
      const { member, secret } = await account();
      const prepared = await prepare(member);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
      now += STEP_MS;
      expect(await prepared.takeEffect()).toBe(true);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toBeNull();
      expect(await signIn({ code: authenticatorCode(secret, now), password: NEW })).toEqual({ member });
      identity = await host.open({ clock, random });
      now += STEP_MS;
      expect(await signIn({ code: authenticatorCode(secret, now), password: NEW })).toEqual({ member });
    });

    it.each(refused)("is refused by the rules of the first: %s", async (_, password, code) => {
      const { member } = await account();
      await expect(prepare(member, password)).rejects.toMatchObject({ name: "Problem", code });
    });

    it("does not take effect for a member who was removed or has not confirmed, or for another", async () => {
      const { member, secret } = await account();
      const pending = newMember();
      await enrol({ member: pending, address: "other@example.org" });
      for (const nobody of [pending, newMember()]) expect(await (await prepare(nobody)).takeEffect()).toBe(false);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
      const late = await prepare(member);
      await identity.remove(member);
      expect(await late.takeEffect()).toBe(false);
    });

    it("forgives no failures", async () => {
      const { member, secret } = await account();
      await failInARow(secret, FREE_FAILURES);
      await (await prepare(member)).takeEffect();
      expect(await signIn({ code: authenticatorCode(secret, now), password: NEW })).toBeNull();
      now += FIRST_WAIT_MS;
      expect(await signIn({ code: authenticatorCode(secret, now), password: NEW })).toEqual({ member });
    });
  });

  describe("waiting after failures", () => {
    it("begins with the fifth failure in a row, not the fourth", async () => {
      const { member, secret } = await account();
      await failInARow(secret, FREE_FAILURES - 1);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
      now += STEP_MS;
      await failInARow(secret, FREE_FAILURES);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toBeNull();
    });

    it("ends exactly on time", async () => {
      const { member, secret } = await account();
      await failInARow(secret, FREE_FAILURES);
      now += FIRST_WAIT_MS - 1;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toBeNull();
      now += 1;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("doubles with each further failure, up to a quarter of an hour", async () => {
      const { member, secret } = await account();
      await failInARow(secret, FREE_FAILURES - 1);
      for (const waitMs of [30_000, 60_000, 120_000, 240_000, 480_000, LONGEST_WAIT_MS, LONGEST_WAIT_MS]) {
        expect(await fail(secret)).toBeNull();
        now += waitMs - 1;
        expect(
          await signIn({ code: authenticatorCode(secret, now) }),
          `still waits 1 ms before ${waitMs} ms`,
        ).toBeNull();
        now += 1;
      }
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("is not prolonged by attempts while it lasts", async () => {
      const { member, secret } = await account();
      await failInARow(secret, FREE_FAILURES);
      await failInARow(secret, 10);
      now += FIRST_WAIT_MS;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("starts from nothing after a success", async () => {
      const { member, secret } = await account();
      await failInARow(secret, FREE_FAILURES);
      now += FIRST_WAIT_MS;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
      now += STEP_MS;
      await failInARow(secret, FREE_FAILURES - 1);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("counts guesses that come at the same moment", async () => {
      const { member, secret } = await account();
      const guesses = await Promise.all(Array.from({ length: 20 }, () => fail(secret)));
      expect(guesses.every((guess) => guess === null)).toBe(true);
      expect(await signIn({ code: authenticatorCode(secret, now) })).toBeNull();
      now += FIRST_WAIT_MS;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("counts wrong codes as it counts wrong passwords, and confirmations too", async () => {
      const member = newMember();
      const { secret } = await enrol({ member });
      const wrong = authenticatorCode(secret, now + 100 * STEP_MS);
      for (let i = 0; i < FREE_FAILURES; i++) {
        expect(await identity.confirmAuthenticator({ member, code: wrong })).toBe(false);
      }
      expect(await identity.confirmAuthenticator({ member, code: authenticatorCode(secret, now) })).toBe(false);
      now += FIRST_WAIT_MS;
      expect(await identity.confirmAuthenticator({ member, code: authenticatorCode(secret, now) })).toBe(true);
    });

    it("holds for one member only", async () => {
      const { secret } = await account();
      const other = await account({ address: "other@example.org" });
      await failInARow(secret, FREE_FAILURES);
      const code = authenticatorCode(other.secret, now);
      expect(await signIn({ address: "other@example.org", code })).toEqual({ member: other.member });
    });

    it("outlives a restart", async () => {
      const { secret } = await account();
      await failInARow(secret, FREE_FAILURES);
      identity = await host.open({ clock, random });
      expect(await signIn({ code: authenticatorCode(secret, now) })).toBeNull();
    });

    it("does not last for ever when the clock was ahead and is put right", async () => {
      const { member, secret } = await account();
      const right = now;
      now += 365 * 24 * 60 * MINUTE_MS;
      await failInARow(secret, FREE_FAILURES);
      now = right;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });
  });

  describe("what is kept", () => {
    it("outlives a restart, spent codes included", async () => {
      const { member, secret } = await account();
      const spent = authenticatorCode(secret, now);
      expect(await signIn({ code: spent })).toEqual({ member });
      identity = await host.open({ clock, random });
      expect(await signIn({ code: spent })).toBeNull();
      now += STEP_MS;
      expect(await signIn({ code: authenticatorCode(secret, now) })).toEqual({ member });
    });

    it("shows no password, authenticator secret, code or address", async () => {
      const { member, secret } = await account();
      const code = authenticatorCode(secret, now);
      await signIn({ code });
      const contents = (await host.contents()).toLowerCase();
      expect(contents, "the scan reads the accounts at all").toContain(member);
      const raw = base32Bytes(secret);
      const spellings = [
        secret,
        raw.toString("hex"),
        raw.toString("base64"),
        raw.toString("base64url"),
        raw.toString("latin1"),
      ];
      for (const text of [...spellings, PASSWORD, ADDRESS, "clinic.example.org", NAME, "velvet"]) {
        expect(contents.includes(text.toLowerCase()), "the database shows a secret or a person").toBe(false);
      }
    });

    it("differs for two members with one password", async () => {
      await account();
      const once = hashesIn(await host.contents());
      await account({ address: "other@example.org" });
      const twice = hashesIn(await host.contents());
      expect(once).toHaveLength(1);
      expect(new Set(twice).size).toBe(2);
    });
  });
}

/** Password hashes in PHC form. */
function hashesIn(contents: string): string[] {
  return contents.match(/\$argon2id\$[^"\s]+/g) ?? [];
}
