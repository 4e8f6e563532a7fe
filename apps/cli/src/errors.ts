/** What only the command line can refuse. */
import { Problem, type ProblemDetails } from "@safeconduct/foundation";

export type CliProblemCode =
  | "cli/usage"
  | "cli/unreadable-file"
  | "cli/unwritable-folder"
  | "cli/not-logged-in"
  | "cli/no-input"
  | "cli/account-damaged"
  | "cli/cannot-listen"
  | "cli/unfinished-sending"
  | "cli/nothing-to-resume"
  | "cli/terms-refused"
  | "cli/source-changed"
  | "cli/sending-runs"
  | "cli/not-verified";

const MESSAGES: Record<CliProblemCode, string> = {
  "cli/usage": "The words of this command are off. `safeconduct help` shows them.",
  "cli/unreadable-file": "A file cannot be read. Check its name and your permission; folders are sent file by file.",
  "cli/unwritable-folder": "The files cannot be written there. Choose another folder with --out, or make room.",
  "cli/not-logged-in": "This device is not enrolled yet. Run `safeconduct login` with an API token first.",
  "cli/no-input": "This command needs an answer, but its input has ended.",
  "cli/account-damaged": "The account file of this device is damaged. Run `safeconduct login` again.",
  "cli/cannot-listen": "That address cannot be listened on. Choose another with --listen.",
  "cli/unfinished-sending":
    "These files were begun to be sent. Go on with `safeconduct send --resume`, or give it up with `safeconduct send --forget`.",
  "cli/nothing-to-resume": "There is no unfinished sending of that id on this device. Send the files again.",
  "cli/terms-refused":
    "Nothing was opened, because the sender's terms were not accepted. Run the command again to read them; --accept-terms accepts them.",
  "cli/source-changed":
    "A file was changed, moved or removed since this sending began, so it cannot go on. Put it back as it was; or run `safeconduct send --forget` and send the files again.",
  "cli/sending-runs": "Another command works on that sending just now.",
  "cli/not-verified": "The proof does not hold.",
};

/** `message` where the plain one would leave a person guessing; it names no secret and no content. */
export const cliProblem = (code: CliProblemCode, message?: string, details?: ProblemDetails): Problem<CliProblemCode> =>
  new Problem(code, message ?? MESSAGES[code], details);
