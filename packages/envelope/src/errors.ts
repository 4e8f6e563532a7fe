/** What can be expected to go wrong with a package, and what to do about it. */
import { Problem, type ProblemDetails } from "@safeconduct/foundation";

export type EnvelopeProblemCode =
  | "envelope/cannot-open"
  | "envelope/file-changed"
  | "envelope/invalid-path"
  | "envelope/duplicate-path"
  | "envelope/no-files"
  | "envelope/too-many-files"
  | "envelope/package-too-large";

export const ENVELOPE_MESSAGES: Readonly<Record<EnvelopeProblemCode, string>> = {
  "envelope/cannot-open": "This package cannot be opened. Ask the sender to send it again.",
  "envelope/file-changed": "A file changed while it was being encrypted. Close it in other programs and send it again.",
  "envelope/invalid-path": "A file name cannot be used on every system. Rename the file, or accept the proposed name.",
  "envelope/duplicate-path": "Two files have the same name, or names that some systems take for the same. Rename one.",
  "envelope/no-files": "There is no file to send. Choose at least one.",
  "envelope/too-many-files":
    "There are more than 10,000 files. Put them in an archive, or send them in several packages.",
  "envelope/package-too-large": "The files are larger than 1 TiB together. Send them in several packages.",
};

export function envelopeProblem(code: EnvelopeProblemCode, details: ProblemDetails = {}): Problem<EnvelopeProblemCode> {
  return new Problem(code, ENVELOPE_MESSAGES[code], details);
}
