/**
 * Stands at the door of the key service and holds it to its word, whatever the API does with the answers: what it was told to
 * deny, destroy or keep, how many devices got a share, and what time it has seen.
 */
import { decodeTerms } from "@safeconduct/envelope";
import { type Bytes, type Clock, type GrantId, hexText } from "@safeconduct/foundation";
import type { FakeKeyService } from "@safeconduct/testkit";

type Release = Parameters<FakeKeyService["release"]>[0];
type Named = Parameters<FakeKeyService["suspend"]>[0];
type Hold = Parameters<FakeKeyService["hold"]>[0];
type AddedTransfer = Parameters<FakeKeyService["addTransfer"]>[0];
type AddedGrant = Parameters<FakeKeyService["addGrant"]>[0];

/** What two clocks that run alike may be apart by, and what each may be led away from the time that passes. */
const CLOCK_SLACK_MS = 5 * 60_000;
const DRIFT = 0.001;

export class KeyWatch {
  /** What it did against its word. A use case may swallow an error, so they are kept here. */
  readonly breaches: string[] = [];
  readonly shredded = new Set<string>();
  readonly holds = new Map<string, Hold>();
  /** Every hold that was ever asked for: its answer may have got lost. */
  readonly askedHolds: Hold[] = [];
  /** Keys that got the shares, by grant. */
  readonly served = new Map<string, Set<string>>();
  /** Number of the database's last commit when a key got them for the last time. */
  readonly servedAt = new Map<string, number>();
  private readonly suspended = new Set<string>();
  /** Sealed shares that it has taken, by what they belong to. */
  private readonly taken = new Map<string, string>();
  /** When it first said since its start that its clocks agree: by its own word, and by the time that passes. */
  private agreed: { readonly wall: number; readonly elapsed: number } | null = null;
  private readonly service: () => FakeKeyService;
  private readonly clock: Pick<Clock, "monotonic">;

  private readonly commits: () => number;

  constructor(ports: { service: () => FakeKeyService; clock: Pick<Clock, "monotonic">; commits: () => number }) {
    this.service = ports.service;
    this.clock = ports.clock;
    this.commits = ports.commits;
  }

  /** A new start, or a clock that people have set: what time it was before does not bind it. */
  forgetTime(): void {
    this.agreed = null;
  }

  /** The service as it is now, also after a restart, under watch. */
  port(): FakeKeyService {
    const now = this.service;
    return new Proxy(now(), {
      get: (_, property) => {
        if (property === "release") return (request: Release) => this.release(request);
        if (property === "addTransfer")
          return (added: AddedTransfer) =>
            this.add([added.transfer], added.sealedTransferShare, () => this.service().addTransfer(added));
        if (property === "addGrant")
          return (added: AddedGrant) =>
            this.add([added.grant, added.transfer], added.sealedGrantShare, () => this.service().addGrant(added));
        if (property === "suspend") return (named: Named) => this.suspend(named);
        if (property === "resume") return (named: Named) => this.resume(named);
        if (property === "shred") return (...given: Parameters<FakeKeyService["shred"]>) => this.shred(given);
        if (property === "hold") return (hold: Hold) => this.hold(hold);
        if (property === "liftHold") return (hold: Hold) => this.liftHold(hold);
        return Reflect.get(now(), property) as unknown;
      },
    });
  }

  /** A share was released or not; what was known when it was asked for decides whether it may be. */
  private async release(request: Release) {
    const { grant, transfer, ephemeralPublicKey } = request;
    const { core } = this.service();
    const isGone = [grant, transfer].some((id) => this.shredded.has(id));
    const isDenied = [grant, transfer].some((id) => this.suspended.has(id));
    const { wall, highWaterAt } = core.clock();
    const { atLeast, atMost } = this.timeThatPassed();
    const terms = await this.termsOf(grant);
    const answer = await this.service().release(request);
    if (isGone) this.breaches.push("a destroyed share was released");
    if (isDenied) this.breaches.push("a suspended share was released");
    if (terms !== null && Math.max(wall, highWaterAt) >= terms.notAfter) this.breaches.push("released after the end");
    if (terms !== null && atLeast >= terms.notAfter)
      this.breaches.push("released after the end, by the time that passed");
    if (terms !== null && Math.min(wall, atMost) < terms.notBefore) this.breaches.push("released before the beginning");
    const served = this.served.get(grant) ?? new Set<string>();
    this.served.set(grant, served.add(hexText(ephemeralPublicKey)));
    this.servedAt.set(hexText(ephemeralPublicKey), this.commits());
    if (terms !== null && terms.releaseCap > 0 && served.size > terms.releaseCap)
      this.breaches.push(`${served.size} devices got a share that ${terms.releaseCap} may have`);
    return answer;
  }

  /** What was destroyed must not be taken again, and what is there not be another. */
  private async add([id = "", ...above]: readonly string[], sealed: Bytes, act: () => Promise<void>): Promise<void> {
    const isGone = [id, ...above].some((each) => this.shredded.has(each));
    const before = this.taken.get(id);
    await act();
    if (isGone) this.breaches.push("a destroyed share was taken again");
    if (before !== undefined && before !== hexText(sealed))
      this.breaches.push("a share was put in the place of another");
    this.taken.set(id, hexText(sealed));
  }

  /** Between which times it is, as it must know wherever its wall clock was set since its start: as much has passed. */
  private timeThatPassed(): { readonly atLeast: number; readonly atMost: number } {
    const { state, wall } = this.service().core.clock();
    const elapsed = this.clock.monotonic();
    if (state === "steady") this.agreed ??= { wall, elapsed };
    if (this.agreed === null) return { atLeast: Number.NEGATIVE_INFINITY, atMost: Number.POSITIVE_INFINITY };
    const expected = this.agreed.wall + (elapsed - this.agreed.elapsed);
    const slack = CLOCK_SLACK_MS + elapsed * DRIFT;
    return { atLeast: expected - slack, atMost: expected + slack };
  }

  /** Terms of a grant as its sender froze them, noted by whoever added it. */
  readonly terms = new Map<GrantId, Bytes>();

  private async termsOf(grant: GrantId) {
    const encoded = this.terms.get(grant);
    return encoded === undefined ? null : decodeTerms(encoded);
  }

  private async suspend(named: Named): Promise<void> {
    await this.service().suspend(named);
    for (const id of [...named.transfers, ...named.grants]) this.suspended.add(id);
  }

  private async resume(named: Named): Promise<void> {
    // From the moment it is asked nobody can say any more that it denies.
    for (const id of [...named.transfers, ...named.grants]) this.suspended.delete(id);
    await this.service().resume(named);
  }

  private async shred(given: Parameters<FakeKeyService["shred"]>) {
    const [{ transfers, grants }] = given;
    const ids = [...transfers, ...grants];
    const isHeld = transfers.some((id) => this.holds.has(id));
    const wasThere = ids.some((id) => !this.shredded.has(id));
    const open = (given[1] ?? null) === null ? [] : this.stillOpen(transfers, grants);
    const answer = await this.service().shred(...given);
    if (open.length > 0) this.breaches.push("time destroyed what was still open");
    if (isHeld && wasThere) this.breaches.push("a held transfer was destroyed");
    for (const id of ids) this.shredded.add(id);
    if (answer.statements.length !== ids.length) this.breaches.push("shredded without a statement for each");
    return answer;
  }

  /** Recipients' grants among these that it could still release, by every time that may be true. */
  private stillOpen(transfers: readonly string[], grants: readonly string[]): readonly GrantId[] {
    const { atMost } = this.timeThatPassed();
    const named = [...this.terms].flatMap(([grant, encoded]) => {
      const { kind, organisation, transfer, notAfter, releaseCap } = decodeTerms(encoded);
      const isNamed = transfers.includes(transfer) || grants.includes(grant);
      return isNamed && kind === "recipient" && notAfter > atMost
        ? [{ grant, organisation, transfer, releaseCap }]
        : [];
    });
    // What it has written though its answer got lost counts too, so its own word of state and count is asked.
    return named.flatMap(({ grant, organisation, transfer, releaseCap }) => {
      const asked = { organisation, transfers: [transfer], grants: [grant] };
      const status = this.service().core.status(asked);
      const releases = status.grants[0]?.releases ?? 0;
      const isLive = [...status.transfers, ...status.grants].every(({ state }) => state === "active");
      return isLive && (releaseCap === 0 || releases < releaseCap) ? [grant] : [];
    });
  }

  private async hold(hold: Hold): Promise<void> {
    this.askedHolds.push(hold);
    await this.service().hold(hold);
    this.holds.set(hold.transfer, hold);
  }

  private async liftHold(hold: Hold): Promise<void> {
    this.holds.delete(hold.transfer);
    await this.service().liftHold(hold);
  }

  /** Nothing that was destroyed may be anything else again. */
  async lookAtShares(organisations: readonly Named["organisation"][]): Promise<void> {
    for await (const entry of this.service().inventory()) {
      if (!organisations.includes(entry.organisation)) this.breaches.push("a share of nobody");
      if (this.shredded.has(entry.id) && entry.state !== "shredded") this.breaches.push("a destroyed share came back");
      if (this.suspended.has(entry.id) && entry.state === "active") this.breaches.push("a suspension was forgotten");
    }
  }
}
