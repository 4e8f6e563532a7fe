/** What can go wrong with sending devices. */
import { Problem } from "@safeconduct/foundation";

export type DeviceProblemCode = "device/unknown" | "device/conflict" | "device/too-many";

const MESSAGES: Record<DeviceProblemCode, string> = {
  "device/unknown": "This device is not enrolled for you. Run `safeconduct login` on it.",
  "device/conflict": "A device of that id is enrolled with other keys. Run `safeconduct login` again for a fresh one.",
  "device/too-many": "You have as many sending devices as one member may have. Send from one of those.",
};

export const deviceProblem = (code: DeviceProblemCode): Problem<DeviceProblemCode> => new Problem(code, MESSAGES[code]);
