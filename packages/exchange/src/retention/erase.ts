/**
 * Forgets the person. Of a transfer whose keys and ciphertext are gone, names, addresses, readable events and all salts are
 * erased; the leaves stay, so every proof over the log stays valid, and say nothing about anybody any more.
 * A hold blocks destruction, and what is not destroyed is not erased: so it blocks this too.
 */
import type { Bytes, TransferId } from "@safeconduct/foundation";
import { SALT_BYTES } from "@safeconduct/ledger";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { TransferRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { transferProblem } from "../transfers/errors.ts";
import { permittedTransfer } from "../transfers/permitted-transfer.ts";

/** Stands in the place of an erased subject salt; no random one is ever like it. */
const ERASED_SALT: Bytes = new Uint8Array(SALT_BYTES);

/** Whether the subject salt, and with it everything readable, is gone. */
export const isErased = ({ subjectSalt }: Pick<TransferRecord, "subjectSalt">): boolean =>
  subjectSalt.every((byte) => byte === 0);

/** Repeating it changes nothing. Problems: `transfer/unknown`, `transfer/not-destroyed`. */
export async function eraseTransfer(
  { store, perform }: { store: Pick<Store, "scrub">; perform: Perform },
  caller: MemberCaller,
  id: TransferId,
): Promise<void> {
  await perform(async (tx) => {
    const transfer = await permittedTransfer(tx, caller, { route: "eraseTransfer", transfer: id });
    if (transfer.destroyedAt === null) throw transferProblem("transfer/not-destroyed");
    if (isErased(transfer)) return { entries: [], value: undefined };
    const events = await tx.eraseEvents(id);
    for (const grant of await tx.grantsOf(id)) {
      await tx.updateGrant(grant.id, {
        address: "",
        name: null,
        recipientOrganisation: null,
        language: null,
        problemKind: null,
        problemReportedAt: null,
        problemSettledAt: null,
      });
      await tx.endVerifications(grant.id);
    }
    await tx.updateTransfer(id, { subjectSalt: ERASED_SALT });
    const actor = { kind: "member", id: caller.member } as const;
    // Under the old subject, so that the certificate shows that erasing is part of the same story.
    const entry = { type: "transfer/erased", actor, organisation: caller.organisation, transfer, detail: { events } };
    return { entries: [{ ...entry, type: "transfer/erased" as const }], value: undefined };
  });
  // Also after a repeat: the first time may have been interrupted here.
  await store.scrub();
}
