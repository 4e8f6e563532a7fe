/** What can go wrong with a member's devices. */
import { Problem } from "@safeconduct/foundation";

export type DeviceProblemCode =
  | "device/unknown"
  | "device/removed"
  | "device/conflict"
  | "device/bad-signature"
  | "device/too-many"
  | "device/join-required"
  | "device/chain-moved"
  | "device/chain-refused"
  | "device/too-many-requests";

const MESSAGES: Record<DeviceProblemCode, string> = {
  "device/unknown": "This device is not enrolled for you. Run `safeconduct login` on it.",
  "device/removed":
    "This device was removed from your account. To use it again, join it anew with `safeconduct login --join`.",
  "device/bad-signature": "This request was not signed by the device that it names, so nothing was done.",
  "device/conflict": "A device of that id is enrolled with other keys. Run `safeconduct login` again for a fresh one.",
  "device/too-many": "You have as many devices as one member may have. Remove one that you do not use.",
  "device/join-required":
    "You have a device already, and it must let this one in: `safeconduct login --join`. If all of them are lost, use your printed recovery key: `safeconduct login --recovery-key-file FILE`.",
  "device/chain-moved": "Your devices were changed from another one at the same moment. Try again.",
  "device/chain-refused": "That change of your devices does not fit what was there before, so nothing was changed.",
  "device/too-many-requests": "Too many of your devices wait to be let in. Wait a quarter of an hour.",
};

export const deviceProblem = (code: DeviceProblemCode): Problem<DeviceProblemCode> => new Problem(code, MESSAGES[code]);
