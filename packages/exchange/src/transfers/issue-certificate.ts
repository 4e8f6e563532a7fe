/** The certificate of custody of a transfer: its events, their leaves and the proofs, under the newest checkpoint. */
import type { Sha256, TransferId } from "@safeconduct/foundation";
import {
  formatCertificate,
  issueCertificate,
  isJsonObject,
  parseCanonicalJson,
  type ReadTile,
} from "@safeconduct/ledger";
import type { MemberCaller } from "../callers.ts";
import { ledgerUnavailable } from "../ledger/errors.ts";
import { isErased } from "../retention/erase.ts";
import type { Store } from "../store.ts";
import { permittedTransfer } from "./permitted-transfer.ts";

/** The tree as it is now; `LedgerWriter` and its store together. */
export interface LedgerView {
  readonly size: number;
  readonly readTile: ReadTile;
  /** A signed checkpoint of at least `size` entries, with the cosignatures of witnesses where they come in time. */
  checkpointCovering(size: number): Promise<{ readonly size: number; readonly text: string }>;
}

/** Canonical JSON. Problems `transfer/unknown`, `ledger/unavailable` (no entry of the transfer has a proof yet). */
export async function certificateOf(
  { store, ledger, sha256, now }: { store: Store; ledger: LedgerView; sha256: Sha256; now: number },
  caller: MemberCaller,
  id: TransferId,
): Promise<string> {
  const { size } = ledger;
  const { transfer, events } = await store.read(async (view) => ({
    transfer: await permittedTransfer(view, caller, { route: "certificate", transfer: id }),
    events: await view.eventsOf(id),
  }));
  // An entry that is sequenced but not yet under the checkpoint has no proof so far.
  const entries = events
    .filter((event) => event.index < size)
    .map(({ index, body, salt }) => {
      const event = body === null ? null : parseCanonicalJson(body);
      return { index, event: isJsonObject(event ?? undefined) ? (event as never) : null, salt };
    });
  // A draft whose entry found the ledger away: nobody was told of it yet, and a certificate of nothing is none.
  const last = entries.at(-1);
  if (last === undefined) throw ledgerUnavailable();
  const checkpoint = await ledger.checkpointCovering(last.index + 1);
  const certificate = await issueCertificate(
    { sha256, size: checkpoint.size, checkpointText: checkpoint.text, readTile: ledger.readTile },
    {
      organisation: transfer.organisation,
      transfer: id,
      issuedAt: now,
      subjectSalt: isErased(transfer) ? null : transfer.subjectSalt,
      entries,
    },
  );
  return formatCertificate(certificate);
}
