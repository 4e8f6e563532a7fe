import { randomBytes } from "node:crypto";
import { copyBytes, drawId, type Random } from "@safeconduct/foundation";
import { authenticatorCode, known } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { factorSecrets } from "./factor-secrets.ts";

const random: Random = { bytes: (length) => copyBytes(randomBytes(length)) };
const KEY = new Uint8Array(32).fill(5);
const NOW = 1_800_000_015_000;
const secrets = factorSecrets({ key: KEY, random });
const organisation = drawId("organisation", random);
const address = "a.lindqvist@northlake.example";
const factor = drawId("factor", random);
const drawn = () => secrets.drawAuthenticator({ factor, issuer: "Riverside Clinic", address });
const stepOf = (
  code: string,
  {
    credential,
    now = NOW,
    lastStep = -1,
    of = factor,
    by = secrets,
  }: {
    credential: ReturnType<typeof drawn>["credential"];
    now?: number;
    lastStep?: number;
    of?: typeof factor;
    by?: typeof secrets;
  },
) => by.acceptedStep({ factor: of, credential, code, now, lastStep });

describe("the digest of an address", () => {
  test("is the same for other letter case, and another for another organisation, address or key", () => {
    const digest = secrets.addressDigest({ organisation, address });
    expect(digest).toHaveLength(32);
    expect(secrets.addressDigest({ organisation, address: address.toUpperCase() })).toEqual(digest);
    expect(secrets.addressDigest({ organisation: drawId("organisation", random), address })).not.toEqual(digest);
    expect(secrets.addressDigest({ organisation, address: `x${address}` })).not.toEqual(digest);
    const other = factorSecrets({ key: new Uint8Array(32).fill(6), random });
    expect(other.addressDigest({ organisation, address })).not.toEqual(digest);
  });
});

describe("an authenticator", () => {
  test("is shown as any app takes it, and its code is accepted in its own step and its neighbours", () => {
    const { credential, otpauthUri, secret } = drawn();
    const uri = new URL(otpauthUri);
    expect([uri.searchParams.get("secret"), uri.searchParams.get("issuer")]).toEqual([secret, "Riverside Clinic"]);
    const step = Math.floor(NOW / 30_000);
    for (const away of [-1, 0, 1])
      expect(stepOf(authenticatorCode(secret, NOW + away * 30_000), { credential })).toBe(step + away);
    for (const away of [-2, 2])
      expect(stepOf(authenticatorCode(secret, NOW + away * 30_000), { credential })).toBeNull();
  });

  test("accepts nothing of a step that was accepted, nor of one before", () => {
    const { credential, secret } = drawn();
    const step = known(stepOf(authenticatorCode(secret, NOW), { credential }));
    expect(stepOf(authenticatorCode(secret, NOW), { credential, lastStep: step })).toBeNull();
    expect(stepOf(authenticatorCode(secret, NOW - 30_000), { credential, lastStep: step })).toBeNull();
    expect(stepOf(authenticatorCode(secret, NOW + 30_000), { credential, lastStep: step })).toBe(step + 1);
  });

  test("accepts no code of another's, and none that is not six digits", () => {
    const { credential, secret } = drawn();
    const code = authenticatorCode(secret, NOW);
    expect(stepOf(authenticatorCode(drawn().secret, NOW), { credential })).toBeNull();
    for (const bad of ["", code.slice(1), `${code}0`, ` ${code}`, code.replace(/./u, "x")])
      expect(stepOf(bad, { credential })).toBeNull();
  });

  test("is opened for its own factor and under its own key alone, and not when it was changed", () => {
    const { credential } = drawn();
    expect(() => stepOf("000000", { credential, of: drawId("factor", random) })).toThrow(/authenticate/);
    const by = factorSecrets({ key: new Uint8Array(32).fill(6), random });
    expect(() => stepOf("000000", { credential, by })).toThrow(/authenticate/);
    for (let at = 0; at < credential.length; at++) {
      const changed = copyBytes(credential);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => stepOf("000000", { credential: changed }), `byte ${at}`).toThrow(
        /authenticate|newer|short|long|left|end|state|tag|length|limit|vector/i,
      );
    }
    expect(() => stepOf("000000", { credential: credential.subarray(1) })).toThrow(
      /authenticate|newer|short|long|left|end|limit|vector/i,
    );
  });

  test("needs a key of 32 bytes", () => {
    for (const length of [31, 33])
      expect(() => factorSecrets({ key: new Uint8Array(length), random })).toThrow(RangeError);
  });
});
