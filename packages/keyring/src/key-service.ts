/**
 * The key service's operations on its ring. Everything that changes it passes one writer, so that suspensions, releases
 * and destructions have an order; every refusal is a Problem `keys/…`. Who asks is checked before, at the channel.
 */
import type { Bytes, Clock, CryptoPorts, HpkeKeyPair } from "@safeconduct/foundation";
import { formatVerifierKey, type VerifierKey } from "@safeconduct/ledger";
import { admitGrant, admitTransfer } from "./admission.ts";
import { keysProblem } from "./errors.ts";
import type { NamedShares } from "./id-list.ts";
import { type LedgerState, LedgerWatch } from "./ledger-watch.ts";
import { type InventoryEntry, inventoryPage, type InventoryPlace } from "./inventory.ts";
import type {
  AddGrantRequest,
  AddTransferRequest,
  ContinueLedgerRequest,
  LedgerStateAnswer,
  PublicKeysAnswer,
  ReleaseAnswer,
  ReleaseRequest,
  ShareStatus,
  ShowLedgerRequest,
  ShredAnswer,
  StatusAnswer,
} from "./messages.ts";
import { authoriseRelease } from "./release.ts";
import type { GrantEntry, TransferEntry } from "./ring.ts";
import type { RingStore } from "./ring-store.ts";
import { RingWriter } from "./ring-writer.ts";
import { shredding } from "./shred.ts";

/** The key service's own keys; clients pin the public ones. They are not in the ring. */
export interface KeyServiceIdentity {
  readonly hpke: HpkeKeyPair;
  /** Ed25519. */
  readonly signing: { readonly publicKey: Bytes; readonly privateKey: Bytes };
}

export interface KeyServicePorts {
  readonly store: RingStore;
  readonly crypto: Pick<CryptoPorts, "hpke" | "sha256" | "signatures">;
  readonly clock: Clock;
  readonly identity: KeyServiceIdentity;
  /** Ed25519, 32 bytes: whose release authorisations count. */
  readonly apiPublicKey: Bytes;
  /** The main ledger that it follows if the ring names none yet; without one it follows none. */
  readonly ledgerKey?: VerifierKey;
  /** Called once if the store has to be opened anew: everything is `keys/unavailable` until then. */
  readonly onStoreLost: () => void;
}

/** Opens the store and the service on it. Throws `DamagedStore`. */
export async function openKeyService(ports: KeyServicePorts): Promise<KeyService> {
  return new KeyService(ports, await RingWriter.open(ports));
}

export class KeyService {
  private readonly ports: KeyServicePorts;
  private readonly writer: RingWriter;
  private readonly ledger: LedgerWatch;

  constructor(ports: KeyServicePorts, writer: RingWriter) {
    this.ports = ports;
    this.writer = writer;
    this.ledger = new LedgerWatch({ crypto: ports.crypto, ledgerKey: ports.ledgerKey ?? null });
  }

  publicKeys(): PublicKeysAnswer {
    const { hpke, signing } = this.ports.identity;
    return { hpkePublicKey: hpke.publicKey, signingPublicKey: signing.publicKey };
  }

  /** `keys/bad-share`, `keys/shredded`, `keys/conflict`, `keys/unavailable`. */
  async addTransfer(request: AddTransferRequest): Promise<void> {
    return this.writer.change(await admitTransfer(this.admissionPorts(), request));
  }

  /** As above, and `keys/unknown` (the transfer), `keys/suspended`, `keys/ended`. */
  async addGrant(request: AddGrantRequest): Promise<void> {
    return this.writer.change(await admitGrant(this.admissionPorts(), request));
  }

  /**
   * See `authoriseRelease`; and `keys/ledger-not-shown`, `keys/ledger-rolled-back`, `keys/unavailable`. The count is
   * durable before the answer.
   */
  async release(request: ReleaseRequest): Promise<ReleaseAnswer> {
    const { crypto, clock, identity, apiPublicKey } = this.ports;
    const { signing } = identity;
    const decide = await authoriseRelease({ crypto, clock, signing, apiPublicKey }, request);
    return this.writer.change((draft) => {
      this.ledger.requireShown(draft.ledger());
      return decide(draft);
    });
  }

  /** Denies release from now on. All or nothing: `keys/unknown`, `keys/unavailable`. What is shredded stays so. */
  suspend({ organisation, transfers, grants }: NamedShares): Promise<void> {
    return this.writer.change(async (draft) => {
      const isActive = (entry: TransferEntry | GrantEntry | undefined): boolean => {
        if (entry?.organisation !== organisation) throw keysProblem("keys/unknown");
        return entry.state === "active";
      };
      const suspended = {
        transfers: transfers.filter((id) => isActive(draft.transfer(id))),
        grants: grants.filter((id) => isActive(draft.grant(id))),
      };
      const nothing = suspended.transfers.length + suspended.grants.length === 0;
      return { record: nothing ? null : { type: "suspended", organisation, ...suspended }, answer: undefined };
    });
  }

  /**
   * Destroys shares at once and for ever: when it resolves they are in no ring that can be opened.
   * `keys/unknown` (an id of another organisation), `keys/ledger-not-shown`, `keys/ledger-rolled-back`,
   * `keys/unavailable`.
   */
  shred(named: NamedShares): Promise<ShredAnswer> {
    const { crypto, clock, identity } = this.ports;
    const destroy = shredding({ crypto, clock, signing: identity.signing }, named);
    return this.writer.destroy((draft, generation) => {
      this.ledger.requireShown(draft.ledger());
      return destroy(draft, generation);
    });
  }

  /** The ledger that it follows and the last checkpoint that it has seen. */
  ledgerState(): LedgerStateAnswer {
    const { ledger } = this.writer.ring;
    const pinned = this.ports.ledgerKey === undefined ? "" : formatVerifierKey(this.ports.ledgerKey);
    return ledger ?? { verifierKey: pinned, checkpoint: "" };
  }

  /** How it stands with that ledger. Where it is `refused`, neither releases nor destructions are signed. */
  ledgerStanding(): LedgerState {
    return this.ledger.state(this.writer.ring.ledger);
  }

  /** Takes a checkpoint that continues the last one seen. `keys/ledger-rolled-back`, `keys/unavailable`. */
  showLedger(request: ShowLedgerRequest): Promise<void> {
    return this.writer.change(this.ledger.show(request));
  }

  /** Follows a ledger of another origin that names the last checkpoint seen here. Refuses as `showLedger`. */
  continueLedger(request: ContinueLedgerRequest): Promise<void> {
    return this.writer.change(this.ledger.continueWith(request));
  }

  /** Makes durable what waited for the next write. `keys/unavailable`. */
  settle(): Promise<void> {
    return this.writer.settle();
  }

  /** What is durable now. Another organisation's ids look unknown. */
  status({ organisation, transfers, grants }: NamedShares): StatusAnswer {
    const { ring } = this.writer;
    const statusOf = (entry: TransferEntry | GrantEntry | undefined): ShareStatus => {
      if (entry?.organisation !== organisation) return { state: "unknown", releases: 0 };
      return { state: entry.state, releases: "releases" in entry ? entry.releases : 0 };
    };
    return {
      transfers: transfers.map((id) => statusOf(ring.transfers.get(id))),
      grants: grants.map((id) => statusOf(ring.grants.get(id))),
    };
  }

  /** What is durable now, of every organisation: one page after `place`, an empty one at the end. */
  inventory(place: InventoryPlace): readonly InventoryEntry[] {
    return inventoryPage(this.ports.crypto.sha256, this.writer.ring, place);
  }

  /** Resolves when everything asked so far is answered. */
  idle(): Promise<void> {
    return this.writer.idle();
  }

  private admissionPorts() {
    const { crypto, clock, identity } = this.ports;
    return { crypto, clock, privateKey: identity.hpke.privateKey };
  }
}
