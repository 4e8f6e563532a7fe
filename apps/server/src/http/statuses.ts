/** The one table from problem codes to HTTP statuses. Exhaustive: a new code does not compile until it has its line. */
import type { BlobProblemCode } from "@safeconduct/blob-fs";
import type { ExchangeProblemCode } from "@safeconduct/exchange";
import type { KeysProblemCode } from "@safeconduct/keyring";
import type { MailProblemCode } from "@safeconduct/mail";
import type { StoreProblemCode } from "@safeconduct/sql";

/** What only the HTTP edge can say. */
export type RequestProblemCode =
  | "request/invalid"
  | "request/unknown-path"
  | "request/too-large"
  | "request/wrong-type"
  | "request/wrong-origin"
  | "request/range"
  | "request/url-expired"
  | "request/failed"
  | "request/slow-down";

type ServerProblemCode =
  | ExchangeProblemCode
  | KeysProblemCode
  | MailProblemCode
  | BlobProblemCode
  | StoreProblemCode
  | RequestProblemCode;

const STATUSES: Readonly<Record<ServerProblemCode, number>> = {
  "audit/time-reversed": 422,
  "device/bad-signature": 403,
  "device/chain-moved": 409,
  "device/chain-refused": 422,
  "device/conflict": 409,
  "device/join-required": 409,
  "device/removed": 403,
  "device/too-many": 409,
  "device/too-many-requests": 429,
  "device/unknown": 409,
  "factor/already-enrolled": 409,
  "factor/code-refused": 403,
  "factor/not-begun": 409,
  "factor/not-enrolled": 404,
  "factor/passkey-refused": 403,
  "factor/too-many": 409,
  "grant/already-ended": 409,
  "grant/closed-by-officer": 403,
  "grant/code-refused": 403,
  "grant/code-wait": 429,
  "grant/not-opened": 409,
  "grant/factor-refused": 403,
  "grant/factor-required": 403,
  "grant/locked": 403,
  "grant/not-yet": 403,
  "grant/session-required": 401,
  "grant/unavailable": 404,
  "grant/unknown": 404,
  "hold/none": 404,
  "hold/too-late": 409,
  "hold/too-many": 409,
  "identity/address-taken": 409,
  "identity/already-enrolled": 409,
  "identity/password-characters": 422,
  "identity/password-guessable": 422,
  "identity/password-too-long": 422,
  "identity/password-too-short": 422,
  "keys/bad-authorisation": 503,
  "keys/bad-confirmation": 403,
  "keys/bad-share": 422,
  "keys/capped": 404,
  "keys/clock-agrees": 409,
  "keys/clock-stopped": 503,
  "keys/clocks-differ": 409,
  "keys/conflict": 409,
  "keys/ended": 404,
  "keys/ledger-not-shown": 503,
  "keys/ledger-rolled-back": 503,
  "keys/held": 409,
  "keys/malformed": 502,
  "keys/not-a-custodian": 403,
  "keys/not-due": 409,
  "keys/not-yet": 403,
  "keys/shredded": 404,
  "keys/suspended": 404,
  "keys/too-many-holds": 409,
  "keys/unavailable": 503,
  "keys/unknown": 404,
  "invitation/exists": 409,
  "invitation/not-enrolled": 409,
  "invitation/unavailable": 404,
  "invitation/unknown": 404,
  "invitation/wait": 429,
  "invitation/wrong-code": 403,
  "ledger/certificate-malformed": 422,
  "ledger/damaged": 503,
  "ledger/foreign-checkpoint": 503,
  "ledger/forked": 503,
  "ledger/missing-leaves": 503,
  "ledger/policy-malformed": 422,
  "ledger/rolled-back": 503,
  "ledger/tile-conflict": 503,
  "ledger/tile-missing": 503,
  "ledger/unavailable": 503,
  "mail/enough-tests": 429,
  "mail/undelivered": 502,
  "member/already-in": 409,
  "member/self": 409,
  "member/too-many": 409,
  "member/unknown": 404,
  "permission/refused": 403,
  "recovery/conflict": 409,
  "recovery/key-moved": 409,
  "recovery/no-slot": 409,
  "recovery/not-approved": 403,
  "recovery/same-person": 403,
  "recovery/too-many": 429,
  "recovery/unknown": 404,
  "recovery/used": 409,
  "request/failed": 500,
  "request/invalid": 422,
  "request/range": 416,
  "request/slow-down": 429,
  "request/too-large": 413,
  "request/unknown-path": 404,
  "request/url-expired": 403,
  "request/wrong-origin": 403,
  "request/wrong-type": 415,
  "setup/not-enrolled": 409,
  "setup/not-open": 403,
  "setup/wrong-code": 403,
  "sign-in/refused": 401,
  "sign-in/required": 401,
  "storage/damaged": 500,
  "storage/full": 507,
  "storage/part-size": 422,
  "store/already-open": 503,
  "store/busy": 503,
  "store/conflict": 409,
  "store/damaged": 503,
  "store/full": 507,
  "store/schema-unknown": 503,
  "store/unavailable": 503,
  "store/unwritable": 503,
  "token/too-many": 409,
  "token/unknown": 404,
  "transfer/already-ended": 422,
  "transfer/bad-part": 422,
  "transfer/beyond-end": 422,
  "transfer/bad-terms": 422,
  "transfer/conflict": 409,
  "transfer/life-too-long": 422,
  "transfer/not-active": 409,
  "transfer/not-destroyed": 409,
  "transfer/not-draft": 409,
  "transfer/over-quota": 507,
  "transfer/parts-missing": 409,
  "transfer/same-recipient-twice": 422,
  "transfer/seal-mismatch": 422,
  "transfer/second-factor-required": 422,
  "transfer/factor-not-enrolled": 422,
  "transfer/too-many-drafts": 429,
  "transfer/too-many-recipients": 422,
  "transfer/unknown": 404,
};

export function statusOf(code: string): number {
  return (STATUSES as Readonly<Record<string, number>>)[code] ?? 500;
}
