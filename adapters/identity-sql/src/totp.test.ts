import { utf8Bytes } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { acceptedStep, base32Text, otpauthUri, timeStep, totpCode } from "./totp.ts";

const RFC_SECRET = utf8Bytes("12345678901234567890");
/** Found by search: the first step whose code is 000000. The test itself shows that it is one. */
const STEP_WITH_ZEROS = 349_495;

describe("TOTP", () => {
  // RFC 6238 Appendix B, the SHA-1 rows; we show the last six of its eight digits.
  it.each([
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
    [20_000_000_000, "65353130"],
  ])("gives the code of RFC 6238 Appendix B at %d s", (seconds, code) => {
    expect(totpCode(RFC_SECRET, timeStep(seconds * 1000))).toBe(code.slice(-6));
  });

  // RFC 4226 Appendix D
  it.each(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])(
    "gives the code of RFC 4226 Appendix D, number %#: %s",
    (code) => {
      const count = RFC_4226_CODES.indexOf(code);
      expect(totpCode(RFC_SECRET, count)).toBe(code);
    },
  );

  it.each([
    ["one step before the last accepted", 9, null],
    ["the last accepted step", 10, null],
    ["the step after it", 11, 11],
  ])("accepts a step once: %s", (_, step, accepted) => {
    const code = totpCode(RFC_SECRET, step);
    expect(acceptedStep({ secret: RFC_SECRET, code, now: 10 * 30_000, lastStep: 10 })).toBe(accepted);
  });

  it("takes no code for an answer where the secret's code is 000000 and none was given", () => {
    const now = 30_000 * STEP_WITH_ZEROS;
    expect(acceptedStep({ secret: RFC_SECRET, code: "000000", now, lastStep: -1 })).not.toBeNull();
    expect(acceptedStep({ secret: RFC_SECRET, code: "", now, lastStep: -1 })).toBeNull();
  });

  it("escapes what apps show", () => {
    const uri = otpauthUri({ issuer: "A & B: Clinic", address: "a+b@example.org", secret: RFC_SECRET });
    expect(uri).toBe(
      "otpauth://totp/A%20%26%20B%3A%20Clinic:a%2Bb%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%20%26%20B%3A%20Clinic&algorithm=SHA1&digits=6&period=30",
    );
  });

  // RFC 4648 §10, without padding
  it.each([
    ["", ""],
    ["f", "MY"],
    ["fo", "MZXQ"],
    ["foo", "MZXW6"],
    ["foob", "MZXW6YQ"],
    ["fooba", "MZXW6YTB"],
    ["foobar", "MZXW6YTBOI"],
  ])("spells %j in base32", (text, encoded) => {
    expect(base32Text(utf8Bytes(text))).toBe(encoded);
  });
});

const RFC_4226_CODES = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");
