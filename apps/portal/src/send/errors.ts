/** What only the Send page can refuse. */
import { Problem } from "@safeconduct/foundation";

export type SendProblemCode = "portal/file-unreadable" | "portal/upload-stopped";

const MESSAGES: Record<SendProblemCode, string> = {
  "portal/file-unreadable":
    "A file cannot be read any more: it was moved, changed or its disk was taken away since you chose it. Nothing was sent. Choose the files again.",
  "portal/upload-stopped":
    "The browser stopped the upload. What arrived is kept for a day: reload this page and go on with it.",
};

export const sendProblem = (code: SendProblemCode): Problem<SendProblemCode> => new Problem(code, MESSAGES[code]);
