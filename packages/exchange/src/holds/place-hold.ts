/**
 * A hold keeps shares and ciphertext of a transfer from destruction until it is lifted. It opens nothing: links end at their
 * time, and what has ended stays denied. The database keeps the sweep away from the commit on, and the key service keeps the
 * shares by itself from when it was told; where it cannot be reached, the sweep tells it.
 */
import { drawId, isProblem, type Random, type TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { HoldReason, HoldRecord } from "../records.ts";
import { permittedTransfer } from "../transfers/permitted-transfer.ts";
import { holdProblem } from "./errors.ts";

/** Holds on one transfer at a time: as many as the key service takes. */
export const HOLDS_PER_TRANSFER = 16;

interface Deps {
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly random: Random;
}

/**
 * Answers the hold; the same reason again answers the one that stands. Problems: `transfer/unknown`, `hold/too-late`,
 * `hold/too-many`, `keys/unavailable` (the hold stands, and the sweep tells the key service).
 */
export async function placeHold(
  { perform, keys, random }: Deps,
  caller: MemberCaller,
  { transfer: id, reason }: { transfer: TransferId; reason: HoldReason },
): Promise<HoldRecord> {
  const fresh = drawId("hold", random);
  const hold = await perform(async (tx, at) => {
    const transfer = await permittedTransfer(tx, caller, { route: "placeHold", transfer: id });
    if (transfer.destroyedAt !== null) throw holdProblem("hold/too-late");
    const standing = (await tx.holdsOf(id)).filter(({ liftedAt }) => liftedAt === null);
    const same = standing.find((other) => other.reason === reason);
    if (same !== undefined) return { entries: [], value: same };
    if (standing.length >= HOLDS_PER_TRANSFER) throw holdProblem("hold/too-many");
    const record: HoldRecord = {
      id: fresh,
      organisation: transfer.organisation,
      transfer: id,
      reason,
      member: caller.member,
      placedAt: at,
      toldAt: null,
      liftedAt: null,
    };
    await tx.addHold(record);
    const entry = {
      type: "hold/placed",
      actor: { kind: "member", id: caller.member },
      organisation: transfer.organisation,
      transfer,
      detail: { hold: fresh, reason },
    } as const;
    return { entries: [entry], value: record };
  });
  await tellHold({ perform, keys }, hold);
  return hold;
}

/** Has the key service keep the hold too. Where the shares are gone already, the hold ends and says so. */
export async function tellHold({ perform, keys }: Pick<Deps, "perform" | "keys">, hold: HoldRecord): Promise<void> {
  const { id, organisation, transfer: transferId } = hold;
  const isTooLate = await keys.hold({ organisation, transfer: transferId, hold: id }).then(
    () => false,
    (error: unknown) => {
      if (isProblem(error) && error.code === "keys/shredded") return true;
      throw error;
    },
  );
  await perform(async (tx, at) => {
    const current = (await tx.holdsOf(transferId)).find((other) => other.id === id);
    const transfer = await tx.findTransfer(transferId);
    if (transfer === null || current === undefined || current.liftedAt !== null)
      return { entries: [], value: undefined };
    if (!isTooLate) {
      if (current.toldAt === null) await tx.updateHold(id, { toldAt: at });
      return { entries: [], value: undefined };
    }
    await tx.updateHold(id, { liftedAt: at });
    const entry = {
      type: "hold/lifted",
      actor: { kind: "system" },
      organisation,
      transfer,
      detail: { hold: id, reason: current.reason },
      refused: "hold/too-late",
    } as const;
    return { entries: [entry], refusal: holdProblem("hold/too-late") };
  });
}
