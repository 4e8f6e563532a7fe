/**
 * Stands at the door of the key service and holds it to its word, whatever the API does with the answers: what it was told to
 * deny, destroy or keep, how many devices got a share, and what time it has seen.
 */
import { decodeTerms } from "@safeconduct/envelope";
import { type Bytes, type GrantId, hexText } from "@safeconduct/foundation";
import type { FakeKeyService } from "@safeconduct/testkit";

type Release = Parameters<FakeKeyService["release"]>[0];
type Named = Parameters<FakeKeyService["suspend"]>[0];
type Hold = Parameters<FakeKeyService["hold"]>[0];

export class KeyWatch {
  /** What it did against its word. A use case may swallow an error, so they are kept here. */
  readonly breaches: string[] = [];
  readonly shredded = new Set<string>();
  readonly holds = new Map<string, Hold>();
  /** Every hold that was ever asked for: its answer may have got lost. */
  readonly askedHolds: Hold[] = [];
  /** Hashes of the keys that got the shares, by grant. */
  readonly served = new Map<string, Set<string>>();
  private readonly suspended = new Set<string>();
  private readonly service: () => FakeKeyService;

  constructor(service: () => FakeKeyService) {
    this.service = service;
  }

  /** The service as it is now, also after a restart, under watch. */
  port(): FakeKeyService {
    const now = this.service;
    return new Proxy(now(), {
      get: (_, property) => {
        if (property === "release") return (request: Release) => this.release(request);
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
    const terms = await this.termsOf(grant);
    const answer = await this.service().release(request);
    if (isGone) this.breaches.push("a destroyed share was released");
    if (isDenied) this.breaches.push("a suspended share was released");
    if (terms !== null && Math.max(wall, highWaterAt) >= terms.notAfter) this.breaches.push("released after the end");
    if (terms !== null && wall < terms.notBefore) this.breaches.push("released before the beginning");
    const served = this.served.get(grant) ?? new Set<string>();
    this.served.set(grant, served.add(hexText(ephemeralPublicKey)));
    if (terms !== null && terms.releaseCap > 0 && served.size > terms.releaseCap)
      this.breaches.push(`${served.size} devices got a share that ${terms.releaseCap} may have`);
    return answer;
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
    const answer = await this.service().shred(...given);
    if (isHeld && wasThere) this.breaches.push("a held transfer was destroyed");
    for (const id of ids) this.shredded.add(id);
    if (answer.statements.length !== ids.length) this.breaches.push("shredded without a statement for each");
    return answer;
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
