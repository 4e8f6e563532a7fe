/** Requests and answers of a recipient: from the invitation to the receipt. */
import { z } from "zod";
import { fixedBytes, instant, language, mailAddress, problemKind, profile, purpose, sixDigitCode } from "../fields.ts";
import { publicHpkeKey, text, wireBytes } from "../pieces.ts";

export const invitationAnswer = z.object({
  organisation: text,
  sender: text,
  purpose,
  profile,
  notBefore: instant,
  notAfter: instant,
  addressHint: text.meta({ description: "The recipient's address with its middle hidden" }),
  language: language.nullable().meta({ description: "That the sender chose for this recipient; null: none" }),
  evaluation: z.boolean(),
});
export const codeAnswer = z.object({ addressHint: text, expiresInSeconds: z.int(), nextInSeconds: z.int() });
export const confirmationRequest = z.strictObject({ code: sixDigitCode });
export const confirmationAnswer = z.object({
  session: text,
  expiresAt: instant,
  address: text.meta({ description: "The recipient's whole address, told to whoever has just proven it" }),
  terms: wireBytes.meta({
    description:
      "Encoded terms of the grant: which second factor it demands, a passcode's salt, what it asks to accept",
  }),
  termsAcceptedAt: instant.nullable().meta({ description: "When its conditions were accepted through this link" }),
});

export const acceptanceRequest = z.strictObject({
  termsHash: fixedBytes(32).meta({ description: "Of the encoded terms that the recipient was shown" }),
});
/** After the end of a link. The address is asked for, so that who has just found an old link causes no mail. */
export const deletionCodeRequest = z.strictObject({ address: mailAddress });
export const deletionCodeAnswer = z.object({ expiresInSeconds: z.int(), nextInSeconds: z.int() });
export const deletionConfirmation = z.strictObject({ address: mailAddress, code: sixDigitCode });
export const problemReport = z.strictObject({ kind: problemKind });

export const releaseRequest = z.strictObject({ ephemeralPublicKey: publicHpkeKey });
export const blobTarget = z.object({ url: text, expiresAt: instant });
export const releaseAnswer = z.object({
  organisation: text,
  transfer: text,
  grant: text,
  terms: wireBytes,
  slot: wireBytes,
  sealedShares: wireBytes,
  sealRecord: wireBytes,
  sealSignature: wireBytes,
  signingPublicKey: wireBytes,
  blob: blobTarget,
});
const FILES_MAX = 10_000;
export const receiptRequest = z.strictObject({
  files: z.int().min(0).max(FILES_MAX).meta({ description: "How many arrived whole" }),
  unseen: z.int().min(0).max(FILES_MAX).default(0).meta({
    description: "Where nothing but viewing is allowed: how many the page cannot show, so that they never arrive",
  }),
  verified: z.literal(true),
});
