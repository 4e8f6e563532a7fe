/** Attacker-controlled terms of a grant, held against the transfer that they are for. */
import { decodeTerms, type GrantKind, type GrantTerms } from "@safeconduct/envelope";
import { type Bytes, type GrantId, MalformedBinary } from "@safeconduct/foundation";
import type { TransferRecord } from "../records.ts";
import { transferProblem } from "./errors.ts";
import { CLOCK_SKEW_MS, RELEASE_CAP_MAX } from "./limits.ts";

/** The terms when they are canonical, name exactly this grant, and end after now but within `lifeMaxMs`. */
export function acceptTerms(
  encoded: Bytes,
  {
    transfer,
    grant,
    kind,
    lifeMaxMs,
    now,
  }: {
    transfer: Pick<TransferRecord, "id" | "organisation" | "purpose" | "profile">;
    grant: GrantId;
    kind: GrantKind;
    lifeMaxMs: number;
    now: number;
  },
): GrantTerms {
  const terms = decode(encoded);
  const fits =
    terms.organisation === transfer.organisation &&
    terms.transfer === transfer.id &&
    terms.grant === grant &&
    terms.kind === kind &&
    terms.purpose === transfer.purpose &&
    terms.profile === transfer.profile &&
    terms.releaseCap <= RELEASE_CAP_MAX;
  if (!fits) throw transferProblem("transfer/bad-terms");
  if (terms.notAfter <= now) throw transferProblem("transfer/already-ended");
  if (terms.notAfter > now + lifeMaxMs + CLOCK_SKEW_MS) throw transferProblem("transfer/life-too-long");
  return terms;
}

function decode(encoded: Bytes): GrantTerms {
  try {
    return decodeTerms(encoded);
  } catch (error) {
    if (error instanceof MalformedBinary) throw transferProblem("transfer/bad-terms");
    throw error;
  }
}
