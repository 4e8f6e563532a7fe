/**
 * The key service's own log: whole and signed, and the one that the main ledger has in its entries `keys/anchored`. It is read
 * from its folder, so that a key service that does not start can be looked at too.
 */
import type { Sha256, Signatures } from "@safeconduct/foundation";
import { type LogVerdict, verifyLog } from "@safeconduct/ledger";
import type { Store } from "../store.ts";
import { detailOf } from "./event-detail.ts";
import type { Findings } from "./findings.ts";
import type { KeyLogCopy } from "./ports.ts";
import type { LedgerFacts } from "./ledger-facts.ts";

export async function checkKeyLog(
  ports: { readonly store: Store; readonly sha256: Sha256; readonly signatures: Signatures },
  copy: KeyLogCopy | null,
  { lastAnchor }: LedgerFacts,
  findings: Findings,
): Promise<void> {
  const { keyLogCheckpoint } = await ports.store.read((view) => view.instance());
  const told = lastAnchor === null ? null : detailOf(lastAnchor)?.["checkpoint"];
  // An erased event says nothing any more; of the key service's log none is ever erased.
  if ((told ?? null) !== keyLogCheckpoint) findings.add("keys/anchor-differs");
  if (copy === null) return;
  // Once more after a failure: the key service may have written between our reading of the checkpoint and of a tile.
  const verdict = await verdictOn(ports, copy, keyLogCheckpoint);
  const settled = verdict === null || verdict.ok ? verdict : await verdictOn(ports, copy, keyLogCheckpoint);
  if (settled === null) {
    if (keyLogCheckpoint !== null) findings.add("keys/log-forked");
  } else if (!settled.ok) findings.add(FORKED.has(settled.failure) ? "keys/log-forked" : "keys/log-damaged");
}

/** It is whole, but not what was anchored. */
const FORKED: ReadonlySet<string> = new Set(["rolled-back", "earlier-root-mismatch"]);

/** Null where there is no log. Only of a whole log it can be said that it is another one. */
async function verdictOn(
  ports: { readonly sha256: Sha256; readonly signatures: Signatures },
  copy: KeyLogCopy,
  earlierText: string | null,
): Promise<LogVerdict | null> {
  const checkpointText = await copy.checkpointText();
  const { readTile, logKey } = copy;
  if (checkpointText === null) return null;
  const verdict = await verifyLog(ports, { readTile, checkpointText, logKey });
  return verdict.ok && earlierText !== null
    ? verifyLog(ports, { readTile, checkpointText, logKey, earlierText })
    : verdict;
}
