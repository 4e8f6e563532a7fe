/** `--language`: in which language a recipient gets mails, and their page. */
import { type Language, language as languageField, LANGUAGES } from "@safeconduct/contract";
import { cliProblem } from "./errors.ts";

/** Null where it was not said: the organisation's. Problem `cli/usage`. */
export function readLanguage(text: string | undefined): Language | null {
  if (text === undefined) return null;
  const read = languageField.safeParse(text);
  if (read.success) return read.data;
  throw cliProblem("cli/usage", `--language takes one of: ${LANGUAGES.join(", ")}.`);
}
