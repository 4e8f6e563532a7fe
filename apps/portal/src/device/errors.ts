/** What only a browser that is a device can refuse. */
import { Problem } from "@safeconduct/foundation";

export type BrowserDeviceProblemCode = "portal/storage-refused" | "portal/device-damaged";

const MESSAGES: Record<BrowserDeviceProblemCode, string> = {
  "portal/storage-refused":
    "This browser keeps nothing for this page, so it cannot hold keys. Leave the private window, or allow this site to store data.",
  "portal/device-damaged":
    "What this browser kept of its keys cannot be read any more. Let it in again from another device of yours.",
};

export const browserDeviceProblem = (code: BrowserDeviceProblemCode): Problem<BrowserDeviceProblemCode> =>
  new Problem(code, MESSAGES[code]);
