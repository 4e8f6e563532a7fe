/**
 * The closed list of what a ledger entry can be. The number is stored in the leaf and never changes or comes back;
 * new types take the next free number of their block. 0 and 255 stay unused.
 */
export const EVENT_TYPES = {
  "instance/created": 1,
  "organisation/created": 2,
  "organisation/recovery-key-set": 3,

  "member/signed-in": 16,
  "member/sign-in-refused": 17,
  "member/signed-out": 18,
  "member/added": 19,
  "member/key-set": 20,
  "member/devices-replaced": 21,
  "member/invited": 22,
  "member/invitation-withdrawn": 23,
  "member/invitation-undelivered": 24,
  "member/joined": 25,
  "member/roles-changed": 26,
  "member/removed": 27,
  "member/password-changed": 28,

  "device/enrolled": 32,
  "device/requested": 33,
  "device/removed": 34,

  "token/created": 40,
  "token/revoked": 41,
  "session/locked": 42,
  "session/proven": 43,
  "session/proof-refused": 44,
  "session/ended": 45,

  "key/registered": 48,
  "keys/anchored": 49,
  "keys/clock-reset": 50,

  "factor/enrolled": 56,
  "factor/removed": 57,
  "factor/counter-back": 58,
  "passkey/added": 59,
  "passkey/removed": 60,
  "passkey/counter-back": 61,

  "transfer/drafted": 64,
  "transfer/sealed": 65,
  "transfer/activated": 66,
  "transfer/expired": 67,
  "transfer/revoked": 68,
  "transfer/destroyed": 69,
  "transfer/abandoned": 70,
  "transfer/erased": 79,

  "grant/added": 96,
  "grant/code-sent": 97,
  "grant/confirmed": 98,
  "grant/confirm-refused": 99,
  "grant/released": 100,
  "grant/release-refused": 101,
  "grant/receipt": 102,
  "grant/expired": 103,
  "grant/revoked": 104,
  "grant/capped": 105,
  "grant/destroyed": 106,
  "grant/code-undelivered": 107,
  "grant/released-to-member": 108,
  "grant/suspended": 109,
  "grant/resumed": 110,

  "grant/factor-passed": 112,
  "grant/factor-refused": 113,
  "grant/locked": 114,
  "grant/terms-accepted": 115,
  "grant/closed": 116,
  "grant/deletion-attested": 117,
  "grant/problem-reported": 118,
  "grant/deletion-code-sent": 119,
  "grant/problem-settled": 120,

  "package/downloaded": 128,

  "hold/placed": 136,
  "hold/lifted": 137,

  "recovery/requested": 138,
  "recovery/approved": 139,
  "recovery/released": 140,

  "ledger/exported": 144,
  "ledger/continued": 146,
  "audit/searched": 147,
} as const;

export type EventType = keyof typeof EVENT_TYPES;

const NAMES: ReadonlyMap<number, EventType> = new Map(
  Object.entries(EVENT_TYPES).map(([name, number]) => [number, name as EventType]),
);

/** The type with this number, or null for one that this version does not know. */
export function eventTypeOfNumber(number: number): EventType | null {
  return NAMES.get(number) ?? null;
}
