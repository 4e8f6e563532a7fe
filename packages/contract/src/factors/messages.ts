/** Requests and answers about second factors: a recipient's proof, their own factors, and what members may ask of them. */
import { z } from "zod";
import { bytesField, enrolledFactorKind, fixedBytes, mailAddress, sixDigitCode } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { text, wireBytes } from "../pieces.ts";

export const passcodeRequest = z.strictObject({
  verifier: fixedBytes(32).meta({ description: "Derived from passcode and link; the server has a hash of it" }),
});
export const authenticatorCodeRequest = z.strictObject({ code: sixDigitCode });

const credentialId = bytesField({ minBytes: 16, maxBytes: LIMITS.passkeyIdBytes });
const clientData = bytesField({ minBytes: 2, maxBytes: LIMITS.passkeyClientDataBytes }).meta({
  description: "The browser's clientDataJSON",
});
export const passkeyChallengeAnswer = z.object({
  challenge: wireBytes.meta({ description: "To be signed once, in this session, user verification required" }),
  rpId: text,
  expiresInSeconds: z.int(),
});
export const passkeyRequest = z.strictObject({
  credentialId,
  clientData,
  authenticatorData: bytesField({ minBytes: 37, maxBytes: LIMITS.passkeyDataBytes }),
  signature: bytesField({ minBytes: 8, maxBytes: LIMITS.passkeySignatureBytes }),
});
export const passkeyEnrolmentAnswer = z.object({
  challenge: wireBytes,
  rpId: text,
  organisation: text,
  address: text,
  userHandle: wireBytes.meta({ description: "32 bytes, the same for each passkey of this address" }),
  enrolled: z.array(wireBytes).meta({ description: "Credential ids that the device is not to make again" }),
});
export const passkeyRegistration = z.strictObject({
  credentialId,
  clientData,
  attestationObject: bytesField({ minBytes: 37, maxBytes: LIMITS.passkeyDataBytes }).meta({
    description: "Without certificates: attestation `none`, or signed by the new key itself",
  }),
});

export const ownFactorsAnswer = z.object({
  enrolled: z.array(enrolledFactorKind),
  removable: z.array(enrolledFactorKind).meta({ description: "What this session was opened with" }),
});
export const ownFactorRemoval = z.strictObject({ factor: enrolledFactorKind });

export const recipientFactorsRequest = z.strictObject({ address: mailAddress });
export const recipientFactorsAnswer = z.object({ enrolled: z.array(enrolledFactorKind) });
export const recipientFactorRemoval = z.strictObject({ address: mailAddress, factor: enrolledFactorKind });
