/** What the key service may refuse, as stable codes with one public sentence each. Nothing here names an id. */
import { Problem } from "@safeconduct/foundation";

const MESSAGES = {
  "keys/unknown": "The key service does not know this transfer or grant.",
  "keys/not-yet": "This grant has not begun yet. Try again when it begins.",
  "keys/ended": "This grant has ended. Ask the sender for a new link.",
  "keys/suspended": "This transfer or grant is suspended.",
  "keys/shredded": "The key share is destroyed. Nobody can open this any more.",
  "keys/capped": "This grant has been opened as often as its terms allow.",
  "keys/bad-authorisation": "The key service does not accept this authorisation. Ask for a new one.",
  "keys/bad-share": "The sealed share or its terms do not belong to this transfer and grant.",
  "keys/held": "This transfer is kept under a hold. Nothing of it is destroyed until the last hold is lifted.",
  "keys/too-many-holds": "This transfer has as many holds as it can have. Lift one first.",
  "keys/not-due": "This grant has not ended by the key service's own terms, so nothing of it is destroyed by time.",
  "keys/clock-stopped":
    "The key service's clocks do not agree, so nothing is destroyed by time. Set the clock right, or have two custodians confirm it.",
  "keys/clock-agrees": "The key service's clocks agree. There is nothing to confirm.",
  "keys/not-a-custodian":
    "This device is not a custodian's. Who runs the key service writes the keys of custodians into its folder.",
  "keys/clocks-differ":
    "Your computer's clock and the key service's differ by more than 2 minutes, so one of them is wrong. Nothing is confirmed.",
  "keys/bad-confirmation":
    "The key service does not accept this confirmation. It is signed by another key, or for an alarm that is over.",
  "keys/conflict": "This id is already in use with other content.",
  "keys/malformed": "The key service cannot read this request. Client and key service may be of different versions.",
  "keys/ledger-not-shown":
    "The key service has not been shown the audit ledger since it started. Try again in a moment.",
  "keys/ledger-rolled-back":
    "The audit ledger is older than the key service has seen it, or another one. Nothing is opened or destroyed until an operator has looked at it.",
  "keys/unavailable": "The key service cannot answer now. Try again in a moment.",
} as const;

export type KeysProblemCode = keyof typeof MESSAGES;
export type KeysProblem = Problem<KeysProblemCode>;

/** Seconds after which a caller may ask again when the key service was unavailable. */
const RETRY_AFTER_SECONDS = 2;

export const KEYS_PROBLEM_CODES = Object.keys(MESSAGES) as readonly KeysProblemCode[];

export function keysProblem(code: KeysProblemCode): KeysProblem {
  return new Problem(
    code,
    MESSAGES[code],
    code === "keys/unavailable" ? { retryAfterSeconds: RETRY_AFTER_SECONDS } : {},
  );
}

/** The code if `text` is one of ours, else null. */
export function parseKeysProblemCode(text: unknown): KeysProblemCode | null {
  return KEYS_PROBLEM_CODES.find((code) => code === text) ?? null;
}
