/** Requests and answers about how a member signs in: their passkeys and their password. */
import { z } from "zod";
import {
  passkeyChallengeAnswer,
  passkeyEnrolmentAnswer,
  passkeyRegistration,
  passkeyRequest,
} from "../factors/messages.ts";
import { bytesField, displayName, instant, language } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { password, text, wireBytes } from "../pieces.ts";
import { proofRequest } from "../sessions/messages.ts";

export const memberPasskeyAnswer = z.object({
  id: text,
  name: text,
  createdAt: instant,
  lastUsedAt: instant.nullable(),
});
export const memberPasskeyListAnswer = z.object({ passkeys: z.array(memberPasskeyAnswer) });
export const memberPasskeyEnrolmentAnswer = passkeyEnrolmentAnswer.extend({
  name: text.meta({ description: "Of the member" }),
});
export const memberPasskeyRegistration = passkeyRegistration.extend({ name: displayName(LIMITS.passkeyNameLength) });
/** Longer is none (WebAuthn Level 3 §5.4.3). */
const userHandle = bytesField({ minBytes: 1, maxBytes: 64 });
export const passkeySignInRequest = passkeyRequest.extend({
  userHandle: userHandle.meta({ description: "Whose passkey it is, as the device says" }),
});
export const proofPasskeyAnswer = passkeyChallengeAnswer.extend({
  allowed: z.array(wireBytes).meta({ description: "Credential ids of the member's passkeys" }),
});

export const languageRequest = z.strictObject({ language });
export const passwordChangeRequest = z.strictObject({
  password: password.meta({ description: "The new one" }),
  proof: z.discriminatedUnion("by", [
    proofRequest.extend({ by: z.literal("password") }),
    passkeyRequest.extend({ by: z.literal("passkey") }),
  ]),
});
