/**
 * Destruction: the shares are absent from the next ring, whose predecessor's master is destroyed before anybody is
 * told. A transfer takes the shares of its grants with it. An id that never came in is barred all the same, so that
 * an addition still on its way cannot arrive after its destruction.
 */
import type { Bytes, Clock, GrantId, OrganisationId, Signatures, TransferId } from "@safeconduct/foundation";
import { keysProblem } from "./errors.ts";
import type { NamedShares } from "./id-list.ts";
import type { ShredAnswer } from "./messages.ts";
import type { GrantEntry, RingDraft, Tombstone, TransferEntry } from "./ring.ts";
import type { Destruction } from "./ring-writer.ts";
import { type ShredStatement, signStatement } from "./statement.ts";

interface ShredPorts {
  readonly crypto: { readonly signatures: Signatures };
  readonly clock: Clock;
  readonly signing: { readonly privateKey: Bytes };
}

/** Refuses with `keys/unknown` if an id is another organisation's. What is shredded already keeps its statement. */
export function shredding(ports: ShredPorts, named: NamedShares): Destruction<ShredAnswer> {
  return async (draft, generation) => {
    const { organisation } = named;
    refuseForeign(draft, named);
    const dying = new Dying(draft, { organisation, generation, at: ports.clock.now() });
    for (const grant of draft.liveGrantsOf(new Set(named.transfers))) dying.grant(grant);
    const statements: ShredStatement[] = [
      ...named.transfers.map(
        (transfer) => ({ kind: "transfer-shred", transfer, ...dying.transfer(transfer) }) as const,
      ),
      ...named.grants.map((grant) => ({ kind: "grant-shred", grant, ...dying.grant(grant) }) as const),
    ];
    const { privateKey } = ports.signing;
    const signed = statements.map((statement) => signStatement(ports.crypto.signatures, { privateKey, statement }));
    return { changed: dying.changed, answer: { statements: await Promise.all(signed) } };
  };
}

function refuseForeign(draft: RingDraft, { organisation, transfers, grants }: NamedShares): void {
  const entries = [...transfers.map((id) => draft.transfer(id)), ...grants.map((id) => draft.grant(id))];
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
