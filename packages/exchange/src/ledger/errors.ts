/** What can go wrong between a committed entry and its place in the signed tree. */
import { Problem } from "@safeconduct/foundation";

export type LedgerServiceProblemCode = "ledger/unavailable";

export const ledgerUnavailable = (): Problem<LedgerServiceProblemCode> =>
  new Problem(
    "ledger/unavailable",
    "The audit ledger cannot be written at the moment, so nothing more is done. Try again, and tell your administrator if it stays so.",
  );
