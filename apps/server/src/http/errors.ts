/** What only the HTTP edge can refuse. */
import { Problem, type ProblemDetails } from "@safeconduct/foundation";
import type { RequestProblemCode } from "./statuses.ts";

const MESSAGES: Record<RequestProblemCode, string> = {
  "request/invalid": "Something in the request is missing or not in the expected form.",
  "request/unknown-path": "There is nothing at this address.",
  "request/too-large": "The request is larger than allowed.",
  "request/wrong-type": "The request has a content type that is not accepted here.",
  "request/wrong-origin": "The request did not come from this portal, so it was refused.",
  "request/range": "The requested byte range lies outside the file.",
  "request/url-expired": "This upload or download address is no longer valid. Ask for a fresh one.",
  "request/failed":
    "Something went wrong on our side. Nothing was changed that you were not told of. Try again in a moment.",
  "request/slow-down": "Too many requests. Wait a moment and try again.",
};

export const requestProblem = (code: RequestProblemCode, details?: ProblemDetails): Problem<RequestProblemCode> =>
  new Problem(code, MESSAGES[code], details);
