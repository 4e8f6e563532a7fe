/** What exchange asks of the key service. It can ask, never read a share. */
import type { AuthorisationId, Bytes, GrantId, OrganisationId, SessionId, TransferId } from "@safeconduct/foundation";

interface ShareIds {
  readonly organisation: OrganisationId;
  readonly transfers: readonly TransferId[];
  readonly grants: readonly GrantId[];
}

/** Every method rejects with a Problem `keys/…`; `keys/unavailable` may be tried again. */
export interface KeyService {
  /** Keys that clients pin. */
  publicKeys(): Promise<{ hpkePublicKey: Bytes; signingPublicKey: Bytes }>;
  addTransfer(request: {
    organisation: OrganisationId;
    transfer: TransferId;
    sealedTransferShare: Bytes;
  }): Promise<void>;
  addGrant(request: {
    organisation: OrganisationId;
    transfer: TransferId;
    grant: GrantId;
    terms: Bytes;
    sealedGrantShare: Bytes;
  }): Promise<void>;
  /** Seals both shares to the device's key. Idempotent by (grant, ephemeral key): one count, the same sealed answer. */
  release(request: {
    authorisation: AuthorisationId;
    organisation: OrganisationId;
    transfer: TransferId;
    grant: GrantId;
    session: SessionId;
    /** Who asked: a recipient's grant answers to a recipient, the sender's own to a member, and neither to the other. */
    asker: "recipient" | "member";
    termsHash: Bytes;
    ephemeralPublicKey: Bytes;
  }): Promise<{ sealedShares: Bytes; releases: number; statement: Bytes }>;
  /** Denies release from now on; reversible until the shares are shredded. */
  suspend(request: ShareIds): Promise<void>;
  /** Durable and irreversible when it returns. One signed statement for each id, transfers first, in order. */
  shred(request: ShareIds): Promise<{ statements: readonly Bytes[] }>;
}
