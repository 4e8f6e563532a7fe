/**
 * A seeded random walk over many transfers: senders and recipients do what they may and what they may not, the clock jumps,
 * and the key service, the blob store, the ledger's disk and the mail fail, before they act or after. After each step
 * everything that must always hold is looked at.
 */
import {
  abandonTransfer,
  confirmAddress,
  draftTransfer,
  openBlob,
  recipientOf,
  recordReceipt,
  release,
  revokeGrant,
  revokeTransfer,
  sealTransfer,
  sendCode,
} from "@safeconduct/exchange";
import { type Bytes, drawId, equalBytes, type GrantId, isProblem } from "@safeconduct/foundation";
import { TreeReader, verifyLog } from "@safeconduct/ledger";
import {
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  type PortName,
  type PreparedTransfer,
  prepareTransfer,
  putPart,
  seededRandom,
} from "@safeconduct/testkit";
import { CustodyModel } from "./custody-model.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Transfers that steps choose from; older ones end by themselves. */
const AT_HAND = 6;
const NO_SESSION = "no session";

interface Recipient {
  readonly grant: GrantId;
  readonly transfer: PreparedTransfer;
  readonly notAfter: number;
  readonly cap: number;
  code: string;
  bearer: string;
  /** Ephemeral keys that were tried. */
  readonly keys: Bytes[];
  /** Those that got the shares. */
  readonly served: Set<Bytes>;
}

/** Answers what came of it where that is more than that it was done. */
type Step = () => Promise<string | void>;

/** Port, call, and the steps that make it. */
const FAULTS: readonly (readonly [PortName, string, readonly string[]])[] = [
  ["keys", "keys.addTransfer", ["draft"]],
  ["keys", "keys.addGrant", ["draft", "seal"]],
  ["keys", "keys.release", ["release", "crowd"]],
  ["keys", "keys.suspend", ["revoke", "revoke all"]],
  ["keys", "keys.shred", ["sweep"]],
  ["blobs", "blobs.putPart", ["put"]],
  ["blobs", "blobs.delete", ["sweep"]],
  ["tiles", "tiles.writeTiles", ["confirm", "receipt", "abandon"]],
  ["tiles", "tiles.writeCheckpoint", ["revoke", "receipt", "sweep"]],
  ["mail", "mail.send", ["code", "visit"]],
];

export class ExchangeWalk {
  readonly outcomes = new Map<string, number>();
  private readonly scene: ExchangeScene;
  private readonly desk: Desk;
  private readonly chance: ReturnType<typeof seededRandom>;
  private readonly model = new CustodyModel();
  private readonly transfers: PreparedTransfer[] = [];
  private readonly recipients: Recipient[] = [];
  private readonly shredded = new Set<GrantId>();
  /** Whose last put failed. */
  private readonly unsure = new Set<PreparedTransfer>();
  private looked = 0;
  private readonly leaves: Bytes[] = [];

  private constructor(scene: ExchangeScene, desk: Desk, seed: number) {
    this.scene = scene;
    this.desk = desk;
    this.chance = seededRandom(seed);
  }

  static async open(options: Parameters<typeof ExchangeScene.open>[0] & { seed: number }): Promise<ExchangeWalk> {
    const scene = await ExchangeScene.open(options);
    return new ExchangeWalk(scene, await scene.desk(), options.seed);
  }

  async step(): Promise<void> {
    const [name, act] = this.draw();
    // A sweep has work to fail in only now and then.
    const fault = this.chance.below(name === "sweep" ? 2 : 6) === 0 ? this.chooseFault(name) : null;
    this.watchOutside();
    if (fault !== null) {
      this.scene.watch[fault.when](fault.call, () => {
        throw this.scene.outage(fault.port);
      });
    }
    const outcome = await problemOf(act());
    this.scene.watch.clear();
    const label = `${name}: ${outcome}`;
    this.outcomes.set(label, (this.outcomes.get(label) ?? 0) + 1);
    if (outcome === "done") await this.expectSettled(name);
    await this.look();
    // Nothing else destroys shares.
    if (name === "sweep") await this.lookAtShares();
  }

  /** Everything comes to its end: nothing due is left, the tree is whole, and every share is gone. */
  async finish(): Promise<void> {
    this.scene.clock.advance(60 * 24 * HOUR_MS);
    await this.scene.sweep();
    await this.look();
    await this.lookAtShares();
    const { store, ledger, tiles, logKey, crypto } = this.scene;
    const states = await Promise.all(this.transfers.map(({ id }) => store.read((view) => view.findTransfer(id))));
    if (states.some((transfer) => transfer !== null && transfer.state !== "destroyed"))
      throw new Error("not destroyed");
    if ((await this.scene.storedBlobs()).length > 0) throw new Error("bytes are left in the blob store");
    if (this.leaves.length !== ledger.size) throw new Error("the tree is not the database's");
    const verdict = await verifyLog(crypto, {
      readTile: (path) => tiles.readTile(path),
      checkpointText: ledger.checkpointText,
      logKey,
      onEntry: (index, leaf) => {
        if (!equalBytes(leaf, known(this.leaves[index]))) throw new Error(`leaf ${index} is another one in the tree`);
      },
    });
    if (!verdict.ok) throw new Error(`the log does not verify: ${verdict.failure}`);
  }

  private draw(): readonly [string, Step] {
    const transfer = this.oneOf(this.transfers.slice(-AT_HAND));
    const recipient = this.oneOf(this.recipients.slice(-2 * AT_HAND));
    const dice = this.chance.below(100);
    const { deps } = this.scene;
    if (dice < 8 || transfer === undefined) return ["draft", () => this.draft()];
    if (dice < 22) return ["put", () => this.put(transfer)];
    if (dice < 34) return ["seal", () => this.seal(transfer)];
    if (dice < 35) return ["abandon", () => abandonTransfer(deps, this.desk.caller, transfer.id)];
    if (dice < 36) return ["revoke all", () => revokeTransfer(deps, this.desk.caller, transfer.id)];
    if (dice < 38) return ["read", () => this.read(transfer)];
    if (dice < 43) return ["sweep", () => this.sweep()];
    if (dice < 50) return ["time", () => this.passTime()];
    if (recipient === undefined)
      return dice < 75 ? ["put", () => this.put(transfer)] : ["seal", () => this.seal(transfer)];
    if (dice < 57) return ["code", () => this.askForCode(recipient)];
    if (dice < 64) return ["confirm", () => this.confirm(recipient)];
    if (dice < 72) return ["visit", () => this.visit(recipient)];
    if (dice < 88) return ["release", () => this.release(recipient)];
    if (dice < 92) return ["receipt", () => this.receipt(recipient)];
    if (dice < 94) return ["revoke", () => this.revoke(recipient)];
    if (dice < 97) return ["thief", () => this.stealFrom(recipient)];
    return ["crowd", () => this.crowd(recipient)];
  }

  private oneOf<Value>(values: readonly Value[]): Value | undefined {
    return values[this.chance.below(Math.max(1, values.length))];
  }

  /** Half of the time one that this step is sure to meet. */
  private chooseFault(name: string) {
    const near = FAULTS.filter(([, , steps]) => steps.includes(name));
    const [port, call] = known(this.oneOf(near.length > 0 && this.chance.below(2) === 0 ? near : FAULTS));
    return { port, call, when: this.chance.below(2) === 0 ? "before" : "after" } as const;
  }

  private async draft(): Promise<void> {
    const cap = this.chance.below(4);
    const now = this.scene.clock.now();
    const names = ["a", "b", "c"].slice(0, 1 + this.chance.below(3));
    const transfer = await prepareTransfer(this.scene, this.desk, {
      recipients: names.map((name) => ({ address: `${name}@hospital.example`, name: null })),
      releaseCap: cap,
      lifeMs: (1 + this.chance.below(72)) * HOUR_MS,
      notBefore: this.chance.below(5) === 0 ? now + this.chance.below(2 * HOUR_MS) : 0,
    });
    this.transfers.push(transfer);
    await draftTransfer(this.scene.deps, this.desk.caller, transfer.draft);
  }

  private async put(transfer: PreparedTransfer, isOther = this.chance.below(8) === 0): Promise<void> {
    const { bytes } = known(transfer.parts[0]);
    this.unsure.add(transfer);
    await putPart(this.scene, transfer, 1, isOther ? bytes.map((byte) => byte ^ 1) : bytes);
    this.unsure.delete(transfer);
  }

  private async seal(transfer: PreparedTransfer): Promise<void> {
    // The blob store replaces a part in place: when a put failed, its bytes may lie under the record of the one before, and
    // only whoever puts it again knows what is there. Every client does; one that seals without deceives its own recipients.
    if (this.unsure.has(transfer)) await this.put(transfer, false);
    await sealTransfer(this.scene.deps, this.desk.caller, transfer.seal);
    for (const { grant } of transfer.sent.links) {
      if (this.recipients.some((recipient) => recipient.grant === grant)) continue;
      const { notAfter, releaseCap } = known(await this.scene.store.read((view) => view.findGrant(grant)));
      const empty = { code: "", bearer: "", keys: [], served: new Set<Bytes>() };
      this.recipients.push({ grant, transfer, notAfter, cap: releaseCap, ...empty });
    }
  }

  private async read(transfer: PreparedTransfer): Promise<void> {
    const blob = await openBlob(this.scene.deps, transfer.id);
    const length = Math.min(64, blob.lengthBytes);
    let at = 0;
    for await (const piece of blob.read({ offset: 0, lengthBytes: length })) {
      const sealed = known(transfer.parts[0]).bytes.subarray(at, at + piece.length);
      if (!equalBytes(piece, sealed)) throw new Error("other bytes are read than were sealed");
      at += piece.length;
    }
  }

  /** What time brings: ends, destructions, and mails that found no way before. */
  private async sweep(): Promise<void> {
    await this.scene.outbox.nudge();
    await this.scene.sweep(this.chance.below(2) * HOUR_MS);
  }

  private async passTime(): Promise<void> {
    const spans = [MINUTE_MS, MINUTE_MS, MINUTE_MS, 10 * MINUTE_MS, 10 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS];
    this.scene.clock.advance(1 + this.chance.below(known(spans[this.chance.below(spans.length)])));
  }

  private async askForCode(recipient: Recipient): Promise<void> {
    const mails = this.scene.mail.messages.length;
    await sendCode(this.scene.deps, recipient.grant);
    // A mail server that is away is nothing that a recipient is told.
    if (this.scene.mail.messages.length > mails) recipient.code = this.scene.mailedCode();
  }

  private async confirm(recipient: Recipient): Promise<void> {
    const code = this.chance.below(4) === 0 ? "000000" : recipient.code;
    const { session } = await confirmAddress(this.scene.deps, { grant: recipient.grant, code });
    if (code !== recipient.code) throw new Error("a wrong code was taken");
    recipient.bearer = session;
  }

  private async visit(recipient: Recipient): Promise<void> {
    await this.askForCode(recipient);
    const { session } = await confirmAddress(this.scene.deps, { grant: recipient.grant, code: recipient.code });
    recipient.bearer = session;
  }

  /** The caller as the edge would find it, or null. */
  private caller({ grant, bearer }: Recipient) {
    return recipientOf(this.scene.deps, { grant, bearer });
  }

  private async release(recipient: Recipient): Promise<string> {
    const caller = await this.caller(recipient);
    if (caller === null) return NO_SESSION;
    const old = recipient.keys[this.chance.below(4)];
    const key = old ?? (await this.scene.crypto.hpke.generateKeyPair()).publicKey;
    if (old === undefined) recipient.keys.push(key);
    const { sealedShares } = await release(this.scene.deps, caller, key);
    await this.expectRightful(recipient, sealedShares);
    recipient.served.add(key);
    this.expectWithinCap(recipient);
    return "done";
  }

  private async receipt(recipient: Recipient): Promise<string> {
    const caller = await this.caller(recipient);
    if (caller === null) return NO_SESSION;
    await recordReceipt(this.scene.deps, caller, { files: 1 });
    return "done";
  }

  private async revoke({ grant, transfer }: Recipient): Promise<void> {
    await revokeGrant(this.scene.deps, this.desk.caller, { transfer: transfer.id, grant });
  }

  /** Asks the key service directly, past the database: it must hold the terms, the cap and the destruction by itself. */
  private async stealFrom(recipient: Recipient): Promise<string> {
    const { organisation } = this.desk;
    const { termsHash } = known(await this.scene.store.read((view) => view.findGrant(recipient.grant)));
    const key = (await this.scene.crypto.hpke.generateKeyPair()).publicKey;
    const outcome = await outcomeOf(
      this.scene.keys.release({
        authorisation: drawId("authorisation", this.scene.random),
        organisation: organisation.id,
        transfer: recipient.transfer.id,
        grant: recipient.grant,
        session: drawId("session", this.scene.random),
        asker: "recipient",
        termsHash,
        ephemeralPublicKey: key,
      }),
    );
    if (outcome !== "done") return outcome;
    if (this.shredded.has(recipient.grant)) throw new Error("a destroyed share was released");
    if (this.scene.clock.now() >= recipient.notAfter) throw new Error("released after the end");
    recipient.served.add(key);
    this.expectWithinCap(recipient);
    return outcome;
  }

  /** Many devices at once, and a revocation among them. */
  private async crowd(recipient: Recipient): Promise<string> {
    const caller = await this.caller(recipient);
    if (caller === null) return NO_SESSION;
    const keys = await Promise.all(Array.from({ length: 8 }, () => this.scene.crypto.hpke.generateKeyPair()));
    const outcomes = await Promise.all([
      ...keys.map(({ publicKey }) => problemOf(release(this.scene.deps, caller, publicKey))),
      ...(this.chance.below(3) === 0 ? [problemOf(this.revoke(recipient))] : []),
    ]);
    for (const [at, { publicKey }] of keys.entries()) if (outcomes[at] === "done") recipient.served.add(publicKey);
    this.expectWithinCap(recipient);
    return outcomes.includes("done") ? "done" : "refused";
  }

  private async expectRightful({ grant, transfer, notAfter }: Recipient, sealedShares: Bytes): Promise<void> {
    const record = known(await this.scene.store.read((view) => view.findGrant(grant)));
    const state = known(await this.scene.store.read((view) => view.findTransfer(transfer.id))).state;
    if (["revoked", "expired", "pending"].includes(record.state)) throw new Error(`released when ${record.state}`);
    if (["draft", "revoked", "abandoned", "destroyed"].includes(state)) throw new Error(`released when ${state}`);
    if (this.scene.clock.now() >= notAfter) throw new Error("released after the end");
    if (this.shredded.has(grant)) throw new Error("a destroyed share was released");
    if (sealedShares.length === 0) throw new Error("nothing was released");
  }

  private expectWithinCap({ cap, served }: Recipient): void {
    if (cap > 0 && served.size > cap) throw new Error(`${served.size} devices got a share that ${cap} may have`);
  }

  /** What goes out must have its entry in the tree before it goes. */
  private watchOutside(): void {
    for (const call of ["mail.send", "keys.release"]) {
      this.scene.watch.before(call, async () => {
        const count = await this.scene.store.read((view) => view.sequencedCount());
        if (call === "mail.send" && this.scene.ledger.size < count) throw new Error("mail before its entry");
        if (this.scene.ledger.size === 0) throw new Error("a release before its entry");
      });
    }
  }

  private async expectSettled(name: string): Promise<void> {
    // These have no entries of their own, and wait for none.
    if (["time", "read", "thief", "put"].includes(name)) return;
    const count = await this.scene.store.read((view) => view.sequencedCount());
    if (this.scene.ledger.size !== count) throw new Error(`${name} was answered before its entry`);
  }

  private async look(): Promise<void> {
    const fresh = await this.scene.store.read((view) => view.leavesFrom(this.leaves.length, 10_000));
    for (const event of fresh) {
      if (event.index !== this.leaves.length) throw new Error("indices have a gap");
      this.leaves.push(event.leaf);
      this.model.take(event);
    }
    await this.scene.store.read(async (view) => {
      for (const { id } of this.transfers.slice(-AT_HAND - 2)) {
        const transfer = await view.findTransfer(id);
        if (transfer !== null) this.model.compare(transfer, await view.grantsOf(id));
      }
    });
    await this.lookAtTree();
  }

  private async lookAtTree(): Promise<void> {
    const { ledger, tiles, crypto } = this.scene;
    if (ledger.size > this.leaves.length) throw new Error("the tree holds what the database does not");
    const tree = new TreeReader({ sha256: crypto.sha256, size: ledger.size, readTile: (path) => tiles.readTile(path) });
    for (; this.looked < ledger.size; this.looked++) {
      if (!equalBytes(await tree.entry(this.looked), known(this.leaves[this.looked])))
        throw new Error(`leaf ${this.looked} is another one in the tree`);
    }
  }

  private async lookAtShares(): Promise<void> {
    const grants = this.recipients.map(({ grant }) => grant);
    const status = await this.scene.keys.status({ organisation: this.desk.organisation.id, transfers: [], grants });
    for (const [at, grant] of grants.entries()) {
      const isShredded = status.grants[at]?.state === "shredded";
      if (this.shredded.has(grant) && !isShredded) throw new Error("a destroyed share came back");
      if (isShredded) this.shredded.add(grant);
    }
    await this.scene.store.read(async (view) => {
      for (const grant of grants) {
        const record = await view.findGrant(grant);
        if (record !== null && record.destroyedAt !== null && !this.shredded.has(grant))
          throw new Error("called destroyed before its share was");
      }
    });
  }
}

/** What came of it, or the code of what may be expected to go wrong; anything else is a defect and comes out. */
async function problemOf(promise: Promise<unknown>): Promise<string> {
  try {
    const outcome = await promise;
    return typeof outcome === "string" ? outcome : "done";
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
}
