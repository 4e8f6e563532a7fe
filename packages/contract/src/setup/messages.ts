/** Requests and answers of the first run. */
import { z } from "zod";
import { bytesField, displayName, language, mailAddress, sixDigitCode } from "../fields.ts";
import { password, text } from "../pieces.ts";
import { memberAnswer } from "../sessions/messages.ts";

export const setupToken = bytesField({ minBytes: 32, maxBytes: 32 });
export const setupEnrolmentRequest = z.strictObject({
  setupToken,
  organisation: z.strictObject({ name: displayName() }),
  member: z.strictObject({ name: displayName(), address: mailAddress }),
  password,
});
export const setupCompletionRequest = z.strictObject({
  setupToken,
  code: sixDigitCode,
  language: language.nullable().default(null).meta({ description: "Of the page; mails to the member are in it" }),
});
export const setupCompletionAnswer = memberAnswer.extend({
  apiToken: text.meta({ description: "Shown once. For scripts and the command line." }),
});
