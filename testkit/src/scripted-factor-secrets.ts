/** The port `FactorSecrets` without encryption: the stored credential is the secret. The real one has tests of its own. */
import type { FactorSecrets } from "@safeconduct/exchange";
import { type Random, type Sha256, utf8Bytes, utf8Text } from "@safeconduct/foundation";
import { authenticatorCode } from "./authenticator.ts";

const STEP_MS = 30_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function scriptedFactorSecrets({ random, sha256 }: { random: Random; sha256: Sha256 }): FactorSecrets {
  return {
    addressDigest: ({ organisation, address }) => sha256(utf8Bytes(`${organisation} ${address.toLowerCase()}`)),
    drawAuthenticator({ factor, issuer, address }) {
      const secret = [...random.bytes(32)].map((byte) => ALPHABET[byte % 32]).join("");
      return {
        credential: utf8Bytes(`${factor} ${secret}`),
        otpauthUri: `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(address)}?secret=${secret}`,
        secret,
      };
    },
    acceptedStep({ factor, credential, code, now, lastStep }) {
      const [owner, secret] = utf8Text(credential)?.split(" ") ?? [];
      if (owner !== factor || secret === undefined) throw new Error("the credential of another factor");
      const present = Math.floor(now / STEP_MS);
      const steps = [present - 1, present, present + 1].filter((step) => step > lastStep);
      return steps.find((step) => authenticatorCode(secret, step * STEP_MS) === code) ?? null;
    },
  };
}
