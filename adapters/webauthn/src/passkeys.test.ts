import { copyBytes, utf8Bytes } from "@safeconduct/foundation";
import { known, type PasskeyTwist, SoftwarePasskey } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { webauthnPasskeys } from "./passkeys.ts";

const ORIGIN = "https://clinic.example:8443";
const RP_ID = "clinic.example";
const CHALLENGE = new Uint8Array(32).fill(1);
const OTHER = new Uint8Array(32).fill(2);
const passkeys = webauthnPasskeys({ origin: () => ORIGIN });
const device = () => new SoftwarePasskey({ origin: ORIGIN, rpId: RP_ID });
const flipped = (bytes: Uint8Array, at = bytes.length - 1) => {
  const changed = copyBytes(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};

/** One thing wrong each time, for both. */
const WRONG: readonly (readonly [string, PasskeyTwist])[] = [
  ["for another origin", { origin: "https://evil.example" }],
  ["for the same host without TLS", { origin: "http://clinic.example:8443" }],
  ["for another port", { origin: "https://clinic.example" }],
  ["for another relying party", { rpId: "evil.example" }],
  ["for a part of the host name", { rpId: "example" }],
  ["without verification of the user", { isVerified: false }],
  ["without presence of the user", { isPresent: false, isVerified: false }],
  ["of another type", { type: "payment.get" }],
  ["in another site's frame", { clientData: { crossOrigin: true } }],
  ["in a frame that it names", { clientData: { crossOrigin: true, topOrigin: "https://evil.example" } }],
  ["with a top origin alone", { clientData: { topOrigin: "https://clinic.example:8443" } }],
];

test("passkeys are bound to the host name, whatever the port", () => {
  expect(passkeys.rpId()).toBe(RP_ID);
  expect(webauthnPasskeys({ origin: () => "http://localhost:4711" }).rpId()).toBe("localhost");
});

describe("a registration", () => {
  const registered = (twist: PasskeyTwist = {}, of = device()) =>
    passkeys.registered({ challenge: CHALLENGE, registration: of.register(CHALLENGE, twist) });

  test("that is right gives id, key and counter", async () => {
    const of = device();
    expect(await registered({ counter: 7 }, of)).toMatchObject({ credentialId: of.credentialId, counter: 7 });
  });

  test.each([
    ...WRONG,
    ["that is an assertion", { type: "webauthn.get" }],
    ["for an algorithm that we do not take", { algorithm: -9 }],
  ] satisfies typeof WRONG)("%s is refused", async (_, twist) => {
    expect(await registered(twist)).toBeNull();
  });

  test("for another challenge is refused", async () => {
    const registration = device().register(OTHER);
    expect(await passkeys.registered({ challenge: CHALLENGE, registration })).toBeNull();
  });

  test("that says another id beside the attestation is refused", async () => {
    const registration = { ...device().register(CHALLENGE), credentialId: device().credentialId };
    expect(await passkeys.registered({ challenge: CHALLENGE, registration })).toBeNull();
  });

  /** {"alg": -7, "sig": h'00', "x5c": [h'00']} */
  const withCertificate = Buffer.from("a363616c672663736967410063783563814100", "hex");
  test.each(["packed", "apple", "android-key", "fido-u2f", "tpm", "android-safetynet", "other"])(
    "with certificates, %s, is not looked at",
    async (format) => {
      expect(await registered({ attestation: { format, statement: withCertificate } })).toBeNull();
    },
  );

  test("whose statement is forged is refused", async () => {
    // {"alg": -7, "sig": h'00'}
    const statement = Buffer.from("a263616c6726637369674100", "hex");
    expect(await registered({ attestation: { format: "packed", statement } })).toBeNull();
  });

  test("of damaged bytes is refused", async () => {
    const whole = device().register(CHALLENGE);
    const attestations = [0, 1, 30, 67, 100].map((length) => ({
      ...whole,
      attestationObject: copyBytes(whole.attestationObject.subarray(0, length)),
    }));
    const nested = new Uint8Array(8192).fill(0x81);
    const wrong = [
      ...attestations,
      { ...whole, attestationObject: nested },
      { ...whole, clientData: utf8Bytes("null") },
      { ...whole, clientData: utf8Bytes("{") },
      { ...whole, clientData: new Uint8Array([0xff, 0xfe]) },
    ];
    for (const registration of wrong)
      expect(await passkeys.registered({ challenge: CHALLENGE, registration })).toBeNull();
  });
});

describe("an assertion", () => {
  async function enrolled(of = device()) {
    const { credentialId, publicKey } = known(
      (await passkeys.registered({ challenge: CHALLENGE, registration: of.register(CHALLENGE) })) ?? undefined,
    );
    return { of, credential: { credentialId, publicKey } };
  }

  test("that is right gives the counter, and judges none", async () => {
    const { of, credential } = await enrolled();
    for (const counter of [9, 3, 0]) {
      const assertion = of.assert(CHALLENGE, { counter });
      expect(await passkeys.asserted({ challenge: CHALLENGE, credential, assertion })).toEqual({ counter });
    }
  });

  test.each([...WRONG, ["that is a registration", { type: "webauthn.create" }]] satisfies typeof WRONG)(
    "%s is refused",
    async (_, twist) => {
      const { of, credential } = await enrolled();
      const assertion = of.assert(CHALLENGE, twist);
      expect(await passkeys.asserted({ challenge: CHALLENGE, credential, assertion })).toBeNull();
    },
  );

  test("of another key, for another challenge, or with a bit flipped anywhere is refused", async () => {
    const { of, credential } = await enrolled();
    const right = of.assert(CHALLENGE);
    const wrong = [
      { ...device().assert(CHALLENGE), credentialId: of.credentialId },
      { ...right, credentialId: device().credentialId },
      of.assert(OTHER),
      { ...right, signature: flipped(right.signature) },
      { ...right, signature: new Uint8Array(8) },
      { ...right, authenticatorData: flipped(right.authenticatorData) },
      { ...right, authenticatorData: flipped(right.authenticatorData, 32) },
      { ...right, authenticatorData: copyBytes(right.authenticatorData.subarray(0, 36)) },
      { ...right, clientData: flipped(right.clientData, 30) },
    ];
    for (const assertion of wrong)
      expect(await passkeys.asserted({ challenge: CHALLENGE, credential, assertion })).toBeNull();
    expect(await passkeys.asserted({ challenge: CHALLENGE, credential, assertion: right })).not.toBeNull();
  });
});
