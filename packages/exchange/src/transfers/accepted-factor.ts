/** What a new recipient's grant must demand beside link and mailed code, and what its sender must leave with us to check it. */
import type { GrantTerms } from "@safeconduct/envelope";
import type { Bytes } from "@safeconduct/foundation";
import type { TransferRecord } from "../records.ts";
import { transferProblem } from "./errors.ts";

/**
 * Problems: `transfer/second-factor-required` when the files are regulated and the terms demand none; `transfer/bad-terms` when
 * a passcode comes without its verifier's hash, or a hash without a passcode.
 */
export function requireAcceptedFactor(
  { handling }: Pick<TransferRecord, "handling">,
  { terms, passcodeVerifierHash }: { terms: GrantTerms; passcodeVerifierHash: Bytes | null },
): void {
  const kind = terms.secondFactor?.kind ?? null;
  if (handling === "regulated" && kind === null)
    throw transferProblem("transfer/second-factor-required", { field: "/grants" });
  if ((kind === "passcode") !== (passcodeVerifierHash !== null)) throw transferProblem("transfer/bad-terms");
}
