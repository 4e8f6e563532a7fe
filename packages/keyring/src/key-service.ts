/**
 * The key service's operations on its ring. Everything that changes it passes one writer, so that suspensions, releases
 * and destructions have an order; every refusal is a Problem `keys/…`. Who asks is checked before, at the channel.
 */
import type { Bytes, Clock, CryptoPorts, HpkeKeyPair } from "@safeconduct/foundation";
import { admitGrant, admitTransfer } from "./admission.ts";
import { keysProblem } from "./errors.ts";
import type { NamedShares } from "./id-list.ts";
import type {
  AddGrantRequest,
  AddTransferRequest,
  PublicKeysAnswer,
  ReleaseAnswer,
  ReleaseRequest,
  ShareStatus,
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

  constructor(ports: KeyServicePorts, writer: RingWriter) {
    this.ports = ports;
    this.writer = writer;
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

  /** See `authoriseRelease`; and `keys/unavailable`. The count is durable before the answer. */
  async release(request: ReleaseRequest): Promise<ReleaseAnswer> {
    const { crypto, clock, identity, apiPublicKey } = this.ports;
    const { signing } = identity;
    return this.writer.change(await authoriseRelease({ crypto, clock, signing, apiPublicKey }, request));
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
   * `keys/unknown` (an id of another organisation), `keys/unavailable`.
   */
  shred(named: NamedShares): Promise<ShredAnswer> {
    const { crypto, clock, identity } = this.ports;
    return this.writer.destroy(shredding({ crypto, clock, signing: identity.signing }, named));
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

  /** Resolves when everything asked so far is answered. */
  idle(): Promise<void> {
    return this.writer.idle();
  }

  private admissionPorts() {
    const { crypto, clock, identity } = this.ports;
    return { crypto, clock, privateKey: identity.hpke.privateKey };
  }
}
