/** Requests and answers about signing in, portal sessions and API tokens. */
import { z } from "zod";
import { displayName, instant, mailAddress, memberRole, sixDigitCode } from "../fields.ts";
import { password, text } from "../pieces.ts";

export const memberAnswer = z.object({
  member: z.object({ id: text, name: text, address: text, roles: z.array(memberRole) }),
  organisation: z.object({ id: text, name: text }),
});
export const signInRequest = z.strictObject({ address: mailAddress, password, code: sixDigitCode });

export const sessionAnswer = z.object({
  name: text.meta({ description: "Of the member whose session it is" }),
  locked: z.boolean().meta({ description: "Nothing but unlocking and an upload that began before is possible" }),
  hasPasskey: z.boolean().meta({ description: "Whether the member has a passkey, which unlocks it too" }),
  locksInMs: z.number().meta({ description: "Without use; 0 when it is locked" }),
  endsInMs: z.number(),
});
export const proofRequest = z.strictObject({ password, code: sixDigitCode });
export const sessionListAnswer = z.object({
  sessions: z.array(
    z.object({
      id: text,
      browser: z.enum(["chrome", "edge", "firefox", "opera", "safari", "samsung", "other"]),
      system: z.enum(["android", "chromeos", "ios", "linux", "macos", "windows", "other"]),
      createdAt: instant,
      lastUsedAt: instant,
      locked: z.boolean(),
      current: z.boolean().meta({ description: "The one that asks" }),
    }),
  ),
});

export const testMailAnswer = z.object({ address: text });

export const tokenCreationRequest = z.strictObject({ name: displayName(60) });
export const tokenAnswer = z.object({ id: text, name: text, createdAt: instant, lastUsedAt: instant.nullable() });
export const createdTokenAnswer = tokenAnswer.extend({ token: text });
export const tokenListAnswer = z.object({ tokens: z.array(tokenAnswer) });
