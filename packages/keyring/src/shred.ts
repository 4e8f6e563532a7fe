/**
 * Destruction: the shares are absent from the next ring, whose predecessor's master is destroyed before anybody is
 * told. A transfer takes the shares of its grants with it. An id that never came in is barred all the same, so that
 * an addition still on its way cannot arrive after its destruction.
 */
import { decodeTerms } from "@safeconduct/envelope";
import type { Bytes, GrantId, OrganisationId, Sha256, Signatures, TransferId } from "@safeconduct/foundation";
import type { ClockGuard } from "./clock-guard.ts";
import { keysProblem } from "./errors.ts";
import { refuseHeld } from "./holds.ts";
import type { NamedShares } from "./id-list.ts";
import { leafOfDestruction } from "./log-leaf.ts";
import type { DueByTime, ShredAnswer } from "./messages.ts";
import type { GrantEntry, RingDraft, Tombstone, TransferEntry } from "./ring.ts";
import type { Destruction } from "./ring-writer.ts";
import { type ShredStatement, signStatement } from "./statement.ts";

interface ShredPorts {
  readonly crypto: { readonly sha256: Sha256; readonly signatures: Signatures };
  readonly guard: ClockGuard;
  readonly signing: { readonly privateKey: Bytes };
}

/**
 * Refuses with `keys/unknown` if an id is another organisation's, with `keys/held`, and by time with `keys/clock-stopped`
 * and `keys/not-due` (a recipient's grant among them could still be released). What is shredded already keeps its statement.
 */
export function shredding(
  ports: ShredPorts,
  { named, byTime }: { named: NamedShares; byTime: DueByTime | null },
): Destruction<ShredAnswer> {
  return async (draft, generation) => {
    const { organisation } = named;
    refuseForeign(draft, named);
    refuseHeld(draft, named);
    const along = draft.liveGrantsOf(new Set(named.transfers));
    const { wall } = ports.guard.read();
    const isNew = [...along.map((id) => draft.grant(id)), ...entriesOf(draft, named)].some(
      (entry) => entry?.state !== "shredded",
    );
    if (byTime !== null && isNew) {
      if (!ports.guard.mayDestroy(byTime.checkpointAt)) throw keysProblem("keys/clock-stopped");
      for (const grant of [...along, ...named.grants]) refuseReleasable(draft.grant(grant), wall);
    }
    const dying = new Dying(draft, { organisation, generation, at: wall });
    for (const grant of along) dying.grant(grant);
    const statements: ShredStatement[] = [
      ...named.transfers.map(
        (transfer) => ({ kind: "transfer-shred", transfer, ...dying.transfer(transfer) }) as const,
      ),
      ...named.grants.map((grant) => ({ kind: "grant-shred", grant, ...dying.grant(grant) }) as const),
    ];
    const { privateKey } = ports.signing;
    const { sha256, signatures } = ports.crypto;
    const signed = await Promise.all(
      statements.map((statement) => signStatement(signatures, { privateKey, statement })),
    );
    // What was shredded before is in the log already; a batch may name the same id twice.
    statements.forEach(({ generation: first }, at) => {
      const words = signed[at];
      if (dying.changed && first === generation && words !== undefined)
        draft.addLogLeaf(leafOfDestruction(sha256, draft, words));
    });
    return { changed: dying.changed, answer: { statements: signed } };
  };
}

const entriesOf = (draft: RingDraft, { transfers, grants }: NamedShares) => [
  ...transfers.map((id) => draft.transfer(id)),
  ...grants.map((id) => draft.grant(id)),
];

/** The key service's own terms are asked too: a server that is wrong about time must not destroy what is still open. */
function refuseReleasable(entry: GrantEntry | undefined, now: number): void {
  if (entry === undefined || entry.state !== "active") return;
  const { kind, notAfter, releaseCap } = decodeTerms(entry.terms);
  if (kind !== "recipient" || now >= notAfter) return;
  if (releaseCap === 0 || entry.releases < releaseCap) throw keysProblem("keys/not-due");
}

function refuseForeign(draft: RingDraft, named: NamedShares): void {
  const { organisation } = named;
  const entries = entriesOf(draft, named);
  if (entries.some((entry) => entry !== undefined && entry.organisation !== organisation)) {
    throw keysProblem("keys/unknown");
  }
}

/** Turns entries of a draft into tombstones. */
class Dying {
  changed = false;
  private readonly draft: RingDraft;
  private readonly facts: { organisation: OrganisationId; generation: number; at: number };

  constructor(draft: RingDraft, facts: { organisation: OrganisationId; generation: number; at: number }) {
    this.draft = draft;
    this.facts = facts;
  }

  transfer(id: TransferId): Omit<Tombstone, "state"> {
    return this.bury(this.draft.transfer(id), (tombstone) => this.draft.putTransfer(id, tombstone));
  }

  grant(id: GrantId): Omit<Tombstone, "state"> {
    return this.bury(this.draft.grant(id), (tombstone) => this.draft.putGrant(id, tombstone));
  }

  private bury(
    entry: TransferEntry | GrantEntry | undefined,
    put: (tombstone: Tombstone) => void,
  ): Omit<Tombstone, "state"> {
    if (entry?.state === "shredded") {
      const { organisation, held, generation, at } = entry;
      return { organisation, held, generation, at };
    }
    const facts = { ...this.facts, held: entry !== undefined };
    put({ state: "shredded", ...facts });
    this.changed = true;
    return facts;
  }
}
