/** Lifting a hold. With the last one, the destruction that was due follows in the sweep. */
import type { TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { HoldReason, HoldRecord } from "../records.ts";
import { permittedTransfer } from "../transfers/permitted-transfer.ts";
import { holdProblem } from "./errors.ts";

interface Deps {
  readonly perform: Perform;
  readonly keys: KeyService;
}

/**
 * Lifts the hold of that reason, or every one. Problems: `transfer/unknown`, `hold/none`. Where the key service cannot be
 * reached, the sweep tells it before it destroys.
 */
export async function liftHold(
  { perform, keys }: Deps,
  caller: MemberCaller,
  { transfer: id, reason }: { transfer: TransferId; reason: HoldReason | null },
): Promise<void> {
  const lifted = await perform<readonly HoldRecord[]>(async (tx, at) => {
    const transfer = await permittedTransfer(tx, caller, { route: "liftHold", transfer: id });
    const standing = (await tx.holdsOf(id)).filter(
      (hold) => hold.liftedAt === null && (reason === null || hold.reason === reason),
    );
    if (standing.length === 0) throw holdProblem("hold/none");
    for (const hold of standing) await tx.updateHold(hold.id, { liftedAt: at });
    const entries = standing.map((hold) => ({
      type: "hold/lifted" as const,
      actor: { kind: "member" as const, id: caller.member },
      organisation: transfer.organisation,
      transfer,
      detail: { hold: hold.id, reason: hold.reason },
    }));
    return { entries, value: standing };
  });
  await tellLifted(keys, lifted).catch(() => undefined);
}

export async function tellLifted(keys: KeyService, holds: readonly HoldRecord[]): Promise<void> {
  for (const { id, organisation, transfer } of holds) await keys.liftHold({ organisation, transfer, hold: id });
}
