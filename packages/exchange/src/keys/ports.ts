/** What exchange asks of the key service. It can ask, never read a share. */
import type { SignedIntakeKey } from "@safeconduct/envelope";
import type {
  AuthorisationId,
  Bytes,
  GrantId,
  HoldId,
  OrganisationId,
  SessionId,
  TransferId,
} from "@safeconduct/foundation";

interface ShareIds {
  readonly organisation: OrganisationId;
  readonly transfers: readonly TransferId[];
  readonly grants: readonly GrantId[];
}

interface NamedHold {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly hold: HoldId;
}

/** The key service's clock, as it judges it itself. */
export interface KeyClock {
  /** `steady`: it destroys by time. `ahead`, `behind`: its clock has jumped. `settling`: it stood still for long. */
  readonly state: "steady" | "ahead" | "behind" | "settling";
  /** Its wall clock and the latest time that it believes, milliseconds since the Unix epoch. */
  readonly wall: number;
  readonly highWaterAt: number;
  /** How often two custodians have set it right. */
  readonly resets: number;
  /** How many custodians it knows, and how many of them have confirmed this clock. */
  readonly custodians: number;
  readonly confirmed: number;
  /** How long this state has lasted, milliseconds by a clock that nobody sets. */
  readonly lastedMs: number;
}

/** One custodian's signed word that the key service's clock is right. */
export interface ClockConfirmationRequest {
  readonly confirmation: {
    readonly organisation: OrganisationId;
    readonly custodian: Bytes;
    readonly resets: number;
    readonly time: number;
  };
  readonly signature: Bytes;
}

/** Every method rejects with a Problem `keys/…`; `keys/unavailable` may be tried again. */
export interface KeyService {
  /** The key that clients pin, and the one of the hour to which they seal shares. */
  publicKeys(): Promise<{ signingPublicKey: Bytes; intake: SignedIntakeKey }>;
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
  /** Undoes suspensions. Problem `keys/shredded` for what is gone. */
  resume(request: ShareIds): Promise<void>;
  /** From now on nothing of the transfer is destroyed, whoever asks. Problem `keys/shredded` if it is too late. */
  hold(request: NamedHold): Promise<void>;
  /** A hold that is not there is lifted. */
  liftHold(request: NamedHold): Promise<void>;
  /**
   * Durable and irreversible when it returns. One signed statement for each id, transfers first, in order. Problem `keys/held`.
   * `byTime` says that nobody ordered it: then also `keys/clock-stopped` and `keys/not-due`. `checkpointAt`: when the ledger last
   * grew, milliseconds since the Unix epoch.
   */
  shred(request: ShareIds, byTime?: { checkpointAt: number | null } | null): Promise<{ statements: readonly Bytes[] }>;
  clock(): Promise<KeyClock>;
  /**
   * The newest signed checkpoint of the key service's own log, and the proof (RFC 9162 §2.1.4) that it continues the one of
   * `oldSize`: no proof where the log is shorter than that.
   */
  logCheckpoint(oldSize: number): Promise<{ checkpoint: string; proof: readonly Bytes[] }>;
  /** How many custodians are missing still, and with none the signed statement of the reset. */
  confirmClock(request: ClockConfirmationRequest): Promise<{ missing: number; statement: Bytes }>;
}
