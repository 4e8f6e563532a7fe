/** What the instance says of itself, and the mailbox of an evaluation. */
import { z } from "zod";
import { instant } from "../fields.ts";
import { text, wireBytes } from "../pieces.ts";

export const instanceAnswer = z.object({
  evaluation: z.boolean(),
  setUp: z.boolean(),
  organisation: z.object({ id: text, name: text }).nullable(),
  keyService: z.object({
    signingPublicKey: wireBytes,
    intake: z.object({ publicKey: wireBytes, notBefore: z.number(), notAfter: z.number(), signature: wireBytes }),
  }),
  ledger: z.object({ origin: text, verifierKey: text, checkpointUrl: text }),
  mailboxUrl: text.nullable(),
});

export const mailboxAnswer = z.object({
  messages: z.array(z.object({ to: text, subject: text, text: text, at: instant })),
});
