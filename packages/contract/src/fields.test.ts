import { base64UrlText } from "@safeconduct/foundation";
import { describe, expect, test } from "vitest";
import {
  ADDRESS_MAX_LENGTH,
  bytesField,
  displayName,
  instant,
  mailAddress,
  sixDigitCode,
  transferId,
} from "./fields.ts";
import {
  LIMITS,
  partTargetsRequest,
  passkeyRegistration,
  passkeyRequest,
  receiptRequest,
  releaseRequest,
  setupToken,
} from "./messages.ts";

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown): boolean =>
  schema.safeParse(value).success;

describe("a mail address", () => {
  test("keeps its local part, lowers its domain and loses spaces around it", () => {
    expect(mailAddress.parse("  Ines.Okafor+x@Clinic.EXAMPLE ")).toBe("Ines.Okafor+x@clinic.example");
  });

  const domain = (length: number) => `${"a".repeat(60)}.`.repeat(3) + "b".repeat(length - 183);
  test.each([
    [`${"a".repeat(64)}@x.example`, true],
    [`${"a".repeat(65)}@x.example`, false],
    [`a@${"b".repeat(63)}.example`, true],
    [`a@${"b".repeat(64)}.example`, false],
    [`${"a".repeat(19)}@${domain(ADDRESS_MAX_LENGTH - 21)}`, true],
    [`${"a".repeat(20)}@${domain(ADDRESS_MAX_LENGTH - 21)}`, true],
    [`${"a".repeat(21)}@${domain(ADDRESS_MAX_LENGTH - 21)}`, false],
  ])("%s is taken: %s", (address, isTaken) => {
    expect(accepts(mailAddress, address)).toBe(isTaken);
  });

  test.each([
    "",
    "@",
    "a@",
    "@x.example",
    "a@localhost",
    "a@x..example",
    "a@-x.example",
    "a@x-.example",
    "a b@x.example",
    "a@x.example\nBcc: b@y.example",
    "a@x.example,b@y.example",
    "<a@x.example>",
    '"a b"@x.example',
    "a@[127.0.0.1]",
    "ä@x.example",
    "a@b@",
    7,
    null,
  ])("%j is none", (address) => {
    expect(accepts(mailAddress, address)).toBe(false);
  });
});

describe("a name that people read", () => {
  test("is one line in one form", () => {
    expect(displayName().parse("  Zoe\u0308 \t Okafor ")).toBe("Zo\u00eb Okafor");
  });

  test.each([
    [1, true],
    [59, true],
    [60, true],
    [61, false],
  ])("of %i characters where 60 are allowed is taken: %s", (length, isTaken) => {
    expect(accepts(displayName(60), "n".repeat(length))).toBe(isTaken);
  });

  test.each(["", "   ", "a\u0000b", "a\u202eb", "a\u200bb", "\ud800", "a\u0007"])("%j is none", (name) => {
    expect(accepts(displayName(), name)).toBe(false);
  });
});

describe("bytes", () => {
  test.each([
    [1, false],
    [2, true],
    [4, true],
    [5, false],
  ])("of length %i where 2 to 4 are allowed are taken: %s", (length, isTaken) => {
    expect(accepts(bytesField({ minBytes: 2, maxBytes: 4 }), base64UrlText(new Uint8Array(length)))).toBe(isTaken);
  });

  test.each(["AAA=", "AA+A", "AA/A", "AA A", "AAB", "A", "ÄAA"])("spelled %s are none", (text) => {
    expect(accepts(bytesField({ maxBytes: 4 }), text)).toBe(false);
  });

  test("of a set-up token and an ephemeral key have their lengths", () => {
    const lengths = (lengthsOf: readonly number[], taken: (text: string) => boolean) =>
      lengthsOf.map((length) => taken(base64UrlText(new Uint8Array(length))));
    expect(lengths([31, 32, 33], (text) => accepts(setupToken, text))).toEqual([false, true, false]);
    const key = (ephemeralPublicKey: string) => accepts(releaseRequest, { ephemeralPublicKey });
    expect(lengths([31, 32, 2048, 2049], key)).toEqual([false, true, true, false]);
  });
});

describe("a code of six digits", () => {
  test.each([
    ["123456", "123456"],
    [" 123 456 ", "123456"],
    ["123-456", "123456"],
  ])("%j is %s", (text, code) => {
    expect(sixDigitCode.parse(text)).toBe(code);
  });

  test.each(["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "123456" + " ".repeat(15), 123_456])("%j is none", (text) => {
    expect(accepts(sixDigitCode, text)).toBe(false);
  });
});

describe("an id", () => {
  const id = `trf_${"a".repeat(26)}`;
  test.each([
    [id, true],
    [id.replace("trf", "grt"), false],
    [id.toUpperCase(), false],
    [id.slice(0, -1), false],
    [`${id}a`, false],
    [`${id.slice(0, -1)}b`, false],
    ["", false],
    ["__proto__", false],
  ])("%s is taken: %s", (text, isTaken) => {
    expect(accepts(transferId, text)).toBe(isTaken);
  });
});

test.each([
  [-1, false],
  [0, true],
  [8_640_000_000_000_000, true],
  [8_640_000_000_000_001, false],
  [1.5, false],
  ["0", false],
])("the instant %s is taken: %s", (moment, isTaken) => {
  expect(accepts(instant, moment)).toBe(isTaken);
});

test("parts are asked for by number and size within their limits, a hundred at a time, and nothing else", () => {
  const part = { number: 1, sizeBytes: 1 };
  const taken = (change: object) => accepts(partTargetsRequest, { parts: [{ ...part, ...change }] });
  const { partsPerTransfer, partBytes } = LIMITS;
  expect([0, 1, partsPerTransfer, partsPerTransfer + 1].map((number) => taken({ number }))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([0, 1, partBytes, partBytes + 1].map((sizeBytes) => taken({ sizeBytes }))).toEqual([false, true, true, false]);
  expect(taken({ extra: 1 })).toBe(false);
  const many = (count: number) => accepts(partTargetsRequest, { parts: Array.from({ length: count }, () => part) });
  expect([0, 1, 100, 101].map(many)).toEqual([false, true, true, false]);
});

test.each([
  ["credentialId", 16, LIMITS.passkeyIdBytes],
  ["clientData", 2, LIMITS.passkeyClientDataBytes],
  ["authenticatorData", 37, LIMITS.passkeyDataBytes],
  ["signature", 8, LIMITS.passkeySignatureBytes],
  ["attestationObject", 37, LIMITS.passkeyDataBytes],
] as const)("of a passkey, %s has %i to %i bytes", (name, minBytes, maxBytes) => {
  const bytesOf = (length: number) => base64UrlText(new Uint8Array(length));
  const shared = { credentialId: bytesOf(16), clientData: bytesOf(2) };
  const [schema, fields] =
    name === "attestationObject"
      ? ([passkeyRegistration, { ...shared, attestationObject: bytesOf(37) }] as const)
      : ([passkeyRequest, { ...shared, authenticatorData: bytesOf(37), signature: bytesOf(8) }] as const);
  const taken = [minBytes - 1, minBytes, maxBytes, maxBytes + 1].map((length) =>
    accepts(schema, { ...fields, [name]: bytesOf(length) }),
  );
  expect(taken).toEqual([false, true, true, false]);
  expect(accepts(schema, { ...fields, more: 1 })).toBe(false);
});

test("a receipt counts files up to what a package may hold, and those that cannot be shown only where it says so", () => {
  const parsed = (facts: object) => receiptRequest.safeParse({ verified: true, ...facts });
  expect(parsed({ files: 10_000 }).data).toEqual({ files: 10_000, unseen: 0, verified: true });
  expect(parsed({ files: 0, unseen: 10_000 }).success).toBe(true);
  for (const wrong of [{}, { files: 10_001 }, { files: 1, unseen: 10_001 }, { files: 1, unseen: -1 }, { files: 1.5 }])
    expect(parsed(wrong).success).toBe(false);
  expect(parsed({ files: 1, verified: false }).success).toBe(false);
});
