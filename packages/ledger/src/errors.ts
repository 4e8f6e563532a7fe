/** What can be expected to go wrong with a ledger, one code each. Messages name no entry, person or path. */
import { Problem } from "@safeconduct/foundation";

export type LedgerProblemCode =
  | "ledger/rolled-back"
  | "ledger/forked"
  | "ledger/missing-leaves"
  | "ledger/foreign-checkpoint"
  | "ledger/damaged"
  | "ledger/tile-missing"
  | "ledger/tile-conflict"
  | "ledger/certificate-malformed"
  | "ledger/policy-malformed";

const MESSAGES: Record<LedgerProblemCode, string> = {
  "ledger/rolled-back":
    "The database holds fewer entries than the ledger has signed. It was restored from an older copy: restore a newer one; the ledger signs nothing until then.",
  "ledger/forked":
    "The database and the signed ledger disagree about an entry. Nothing is signed until an operator has compared both.",
  "ledger/missing-leaves": "The database could not hand over the next ledger entry. Nothing was signed.",
  "ledger/foreign-checkpoint":
    "The stored checkpoint was not signed by this ledger's key under this ledger's name. Check that the data folder and the key belong together.",
  "ledger/damaged":
    "The stored ledger tiles do not match the signed checkpoint. Restore them from a copy; nothing is signed until then.",
  "ledger/tile-missing":
    "A part of the ledger that the checkpoint promises could not be read. Try again, or use another copy.",
  "ledger/tile-conflict":
    "A finished part of the ledger would have been overwritten with other content. Nothing was written.",
  "ledger/certificate-malformed": "This is not a certificate of custody in a form that this version reads.",
  "ledger/policy-malformed":
    "This is not a witness policy: lines of `log`, `witness`, `group`, and one `quorum` (C2SP tlog-policy).",
};

export function ledgerProblem<Code extends LedgerProblemCode>(code: Code): Problem<Code> {
  return new Problem(code, MESSAGES[code]);
}
