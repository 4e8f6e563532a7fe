/**
 * The key service's operations on its ring. Everything that changes it passes one writer, so that suspensions, releases
 * and destructions have an order; every refusal is a Problem `keys/…`. Who asks is checked before, at the channel.
 */
import { signIntakeKey } from "@safeconduct/envelope";
import type { Bytes, Clock, CryptoPorts } from "@safeconduct/foundation";
import { formatVerifierKey, type TileStore, type VerifierKey } from "@safeconduct/ledger";
import { admitGrant, admitTransfer } from "./admission.ts";
import { ClockConfirmations, CUSTODIANS_NEEDED } from "./clock-confirmation.ts";
import { ClockGuard, type ClockState } from "./clock-guard.ts";
import { keysProblem } from "./errors.ts";
import { lifting, type NamedHold, placing } from "./holds.ts";
import type { NamedShares } from "./id-list.ts";
import { KeyLog } from "./key-log.ts";
import { accepted, currentIntakeKey, forgettingIntake, outlived, rotatingIntake } from "./intake.ts";
import { type LedgerState, LedgerWatch } from "./ledger-watch.ts";
import { type InventoryEntry, inventoryPage, type InventoryPlace } from "./inventory.ts";
import { INTAKE_USABLE_MS } from "./limits.ts";
import type {
  AddGrantRequest,
  AddTransferRequest,
  ContinueLedgerRequest,
  LedgerStateAnswer,
  LogCheckpointAnswer,
  LogCheckpointRequest,
  ClockAnswer,
  ConfirmClockAnswer,
  ConfirmClockRequest,
  DueByTime,
  PublicKeysAnswer,
  ReleaseAnswer,
  ReleaseRequest,
  ShareStatus,
  ShowLedgerRequest,
  ShredAnswer,
  StatusAnswer,
} from "./messages.ts";
import { authoriseRelease } from "./release.ts";
import type { GrantEntry, ShareState, TransferEntry } from "./ring.ts";
import type { RingStore } from "./ring-store.ts";
import { RingWriter } from "./ring-writer.ts";
import { shredding } from "./shred.ts";
import { signStatement } from "./statement.ts";

/** The key service's own key; clients pin the public half. It is not in the ring. */
export interface KeyServiceIdentity {
  /** Ed25519. */
  readonly signing: { readonly publicKey: Bytes; readonly privateKey: Bytes };
}

export interface KeyServicePorts {
  readonly store: RingStore;
  /** Where its own log is kept. */
  readonly log: TileStore;
  readonly crypto: Pick<CryptoPorts, "hpke" | "sha256" | "signatures">;
  readonly clock: Clock;
  readonly identity: KeyServiceIdentity;
  /** Ed25519, 32 bytes: whose release authorisations count. */
  readonly apiPublicKey: Bytes;
  /** The main ledger that it follows if the ring names none yet; without one it follows none. */
  readonly ledgerKey?: VerifierKey;
  /** Called once if the store has to be opened anew: everything is `keys/unavailable` until then. */
  readonly onStoreLost: () => void;
  /** Ed25519 public keys, 32 bytes each, of the people two of whom may say that the clock is right. None: nobody may. */
  readonly custodians?: readonly Bytes[];
  /** Called when the clock's state is another than it was. */
  readonly onClockState?: (state: ClockState) => void;
}

/** Opens the store and the service on it. Throws `DamagedStore`. */
export async function openKeyService(ports: KeyServicePorts): Promise<KeyService> {
  const writer = await RingWriter.open(ports);
  return new KeyService(ports, writer, await KeyLog.open(ports, writer.ring));
}

export class KeyService {
  private readonly ports: KeyServicePorts;
  private readonly writer: RingWriter;
  private readonly log: KeyLog;
  private readonly ledger: LedgerWatch;
  private readonly guard: ClockGuard;
  private readonly confirmations: ClockConfirmations;
  private clockState: ClockState = "steady";
  /** Elapsed time at which that state was first seen. */
  private clockStateSince: number;

  constructor(ports: KeyServicePorts, writer: RingWriter, log: KeyLog) {
    this.ports = ports;
    this.writer = writer;
    this.log = log;
    writer.loggedSize = () => log.size;
    this.ledger = new LedgerWatch({ crypto: ports.crypto, ledgerKey: ports.ledgerKey ?? null });
    this.guard = new ClockGuard(ports.clock, writer.ring.clock);
    const { signing } = ports.identity;
    const audience = signing.publicKey;
    const { signatures } = ports.crypto;
    this.confirmations = new ClockConfirmations({ signatures, audience, custodians: ports.custodians ?? [] });
    this.clockStateSince = ports.clock.monotonic();
    writer.companion = (draft) => {
      this.noticeClock();
      const due = this.guard.due(draft.clock);
      return due === null ? null : { type: "clock", ...due };
    };
    this.noticeClock();
  }

  /** The pinned signing key, and the intake key of the hour signed by it. `keys/unavailable`. */
  async publicKeys(): Promise<PublicKeysAnswer> {
    const { crypto, clock, identity } = this.ports;
    const current = currentIntakeKey(this.writer.ring.intakeKeys, clock.now());
    const { publicKey, createdAt } = current ?? (await this.writer.change(rotatingIntake(this.ports)));
    const key = { publicKey, notBefore: createdAt, notAfter: createdAt + INTAKE_USABLE_MS };
    const { privateKey, publicKey: signingPublicKey } = identity.signing;
    return { signingPublicKey, intake: await signIntakeKey(crypto, { privateKey, key }) };
  }

  /** Destroys intake keys that are out of use, while the clocks agree. Call it every few minutes. `keys/unavailable`. */
  async destroyOldIntake(): Promise<void> {
    const time = () => ({ now: this.ports.clock.now(), isSteady: this.guard.mayDestroy(null) });
    if (!outlived(this.writer.ring.intakeKeys, time())) return;
    await this.writer.destroy(forgettingIntake(time));
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
    const { crypto, identity, apiPublicKey } = this.ports;
    const { signing } = identity;
    const decide = await authoriseRelease({ crypto, guard: this.guard, signing, apiPublicKey }, request);
    return this.writer.change((draft) => {
      this.ledger.requireShown(draft.ledger());
      return decide(draft);
    });
  }

  /** Denies release from now on. All or nothing: `keys/unknown`, `keys/unavailable`. What is shredded stays so. */
  suspend(named: NamedShares): Promise<void> {
    return this.turn(named, { from: "active", record: "suspended" });
  }

  /**
   * Undoes suspensions; times and cap count as before. All or nothing: `keys/unknown`, `keys/shredded` (nothing brings
   * that back), `keys/unavailable`.
   */
  resume(named: NamedShares): Promise<void> {
    return this.turn(named, { from: "suspended", record: "resumed" });
  }

  /** From now on nothing of the transfer is destroyed. `keys/unknown`, `keys/shredded`, `keys/too-many-holds`, `keys/unavailable`. */
  hold(named: NamedHold): Promise<void> {
    return this.writer.change(placing(named));
  }

  /** `keys/unknown`, `keys/unavailable`. */
  liftHold(named: NamedHold): Promise<void> {
    return this.writer.change(lifting(named));
  }

  /**
   * Destroys shares at once and for ever: when it resolves they are in no ring that can be opened.
   * `keys/unknown` (an id of another organisation), `keys/held`, `keys/ledger-not-shown`, `keys/ledger-rolled-back`,
   * `keys/unavailable`. With `byTime`, that is where nobody ordered it, also `keys/clock-stopped` and `keys/not-due`.
   */
  shred(named: NamedShares, byTime: DueByTime | null = null): Promise<ShredAnswer> {
    const { crypto, identity } = this.ports;
    const ports = { crypto, guard: this.guard, signing: identity.signing };
    const destroy = shredding(ports, { named, byTime });
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

  /**
   * Takes a checkpoint that continues the last one seen. `keys/ledger-rolled-back`, `keys/ledger-not-shown` (the proof
   * begins elsewhere than at what was seen), `keys/unavailable`.
   */
  showLedger(request: ShowLedgerRequest): Promise<void> {
    return this.writer.change(this.ledger.show(request));
  }

  /** Follows a ledger of another origin that names the last checkpoint seen here. `keys/ledger-rolled-back`, `keys/unavailable`. */
  continueLedger(request: ContinueLedgerRequest): Promise<void> {
    return this.writer.change(this.ledger.continueWith(request));
  }

  /** Makes durable what waited for the next write. `keys/unavailable`. */
  settle(): Promise<void> {
    return this.writer.settle();
  }

  clock(): ClockAnswer {
    const { state, wall } = this.noticeClock();
    const { resets, highWaterAt } = this.writer.ring.clock;
    const elapsed = this.ports.clock.monotonic();
    return {
      state,
      wall,
      highWaterAt,
      resets,
      custodians: this.ports.custodians?.length ?? 0,
      confirmed: this.confirmations.standing({ wall, elapsed }).length,
      lastedMs: Math.floor(elapsed - this.clockStateSince),
    };
  }

  /**
   * One custodian's word that the clock is right; with the second, destruction by time goes on and the high-water mark
   * falls back to the clock. `keys/clock-agrees`, `keys/not-a-custodian`, `keys/clocks-differ`, `keys/bad-confirmation`,
   * `keys/unavailable`.
   */
  async confirmClock(request: ConfirmClockRequest): Promise<ConfirmClockAnswer> {
    const { clock, crypto, identity } = this.ports;
    const { state, wall } = this.noticeClock();
    if (state === "steady") throw keysProblem("keys/clock-agrees");
    const { resets, highWaterAt } = this.writer.ring.clock;
    const verdict = await this.confirmations.add(request, { wall, elapsed: clock.monotonic(), resets });
    if (!verdict.counts) throw keysProblem(verdict.code);
    const [first, second] = verdict.custodians.map((custodian) => crypto.sha256(custodian));
    if (first === undefined || second === undefined)
      return { missing: CUSTODIANS_NEEDED - verdict.custodians.length, statement: new Uint8Array(0) };
    const { privateKey } = identity.signing;
    const { organisation } = request.confirmation;
    const answer = await this.writer.change(async (draft) => {
      if (draft.clock.resets !== resets) throw keysProblem("keys/clock-agrees");
      const record = this.guard.confirmed(draft.clock);
      const statement = await signStatement(crypto.signatures, {
        privateKey,
        statement: {
          kind: "clock-reset",
          organisation,
          custodians: [first, second],
          resets: record.resets,
          highWaterAt,
          at: record.highWaterAt,
        },
      });
      return { record: { type: "clock", ...record }, answer: { missing: 0, statement } };
    });
    this.guard.reset(this.writer.ring.clock);
    this.confirmations.forget();
    this.noticeClock();
    return answer;
  }

  /** To be called now and then: writes the high-water mark when it has grown, and notices jumps that nobody asked about. */
  keepTime(): Promise<void> {
    return this.writer.change(async () => ({ record: null, answer: undefined }));
  }

  /** Brings its own log up to the ring. Call it now and then and before the end; it rejects where the log cannot be written. */
  followLog(): Promise<void> {
    return this.log.follow();
  }

  /** The newest checkpoint of its own log, with all that was answered before. `keys/unavailable`. */
  async logCheckpoint({ oldSize }: LogCheckpointRequest): Promise<LogCheckpointAnswer> {
    try {
      await this.log.follow();
      return await this.log.checkpoint(oldSize);
    } catch {
      throw keysProblem("keys/unavailable");
    }
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

  private turn(
    { organisation, transfers, grants }: NamedShares,
    { from, record }: { from: ShareState; record: "suspended" | "resumed" },
  ): Promise<void> {
    return this.writer.change(async (draft) => {
      const isToTurn = (entry: TransferEntry | GrantEntry | undefined): boolean => {
        if (entry?.organisation !== organisation) throw keysProblem("keys/unknown");
        if (entry.state === "shredded" && record === "resumed") throw keysProblem("keys/shredded");
        return entry.state === from;
      };
      const turned = {
        transfers: transfers.filter((id) => isToTurn(draft.transfer(id))),
        grants: grants.filter((id) => isToTurn(draft.grant(id))),
      };
      const nothing = turned.transfers.length + turned.grants.length === 0;
      return { record: nothing ? null : { type: record, organisation, ...turned }, answer: undefined };
    });
  }

  private noticeClock() {
    const reading = this.guard.read();
    if (reading.state !== this.clockState) {
      this.clockState = reading.state;
      this.clockStateSince = this.ports.clock.monotonic();
      this.ports.onClockState?.(reading.state);
      // A jump that was seen is written at once: a new start must not take it for a stop.
      void this.keepTime().catch(() => undefined);
    }
    return reading;
  }

  private admissionPorts() {
    const { crypto, clock } = this.ports;
    return { crypto, guard: this.guard, intakeKeys: accepted(this.writer.ring.intakeKeys, clock.now()) };
  }
}
