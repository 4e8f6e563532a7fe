/** A ledger that the key service has seen can only grow, and a log of another origin has to say where it left the old one. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, copyBytes, utf8Bytes } from "@safeconduct/foundation";
import {
  consistencyProof,
  ED25519_KEY,
  formatVerifierKey,
  inclusionProof,
  LedgerWriter,
  makeEntry,
  makeVerifierKey,
  type NoteSigner,
  TreeReader,
} from "@safeconduct/ledger";
import { fakeKeyService, KeyServiceScene, MemoryRingStore, MemoryTileStore, outcomeOf } from "@safeconduct/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import type { KeyService } from "./key-service.ts";

const crypto = nodeCrypto();
const clock = { now: () => 1_800_000_000_000, monotonic: () => 0 };

async function signerOf(name: string): Promise<NoteSigner> {
  const { publicKey, privateKey } = await crypto.signatures.generateKeyPair();
  return { key: makeVerifierKey(crypto.sha256, { name, type: ED25519_KEY, publicKey }), privateKey };
}

/** A main ledger that can be copied, as a backup would. */
class Ledger {
  readonly signer: NoteSigner;
  readonly tiles: MemoryTileStore;
  private readonly writer: LedgerWriter;

  private constructor(signer: NoteSigner, tiles: MemoryTileStore, writer: LedgerWriter) {
    this.signer = signer;
    this.tiles = tiles;
    this.writer = writer;
  }

  static async open(signer: NoteSigner, tiles = new MemoryTileStore()): Promise<Ledger> {
    return new Ledger(signer, tiles, await LedgerWriter.open({ ...crypto, store: tiles, signer }));
  }

  copy(signer = this.signer): Promise<Ledger> {
    return Ledger.open(signer, this.tiles.copy());
  }

  async grow(count: number, leaf = (_position: number) => leafOf({ type: "grant/released" })): Promise<this> {
    await this.writer.append(Array.from({ length: count }, (_, position) => leaf(position)));
    return this;
  }

  get size(): number {
    return this.writer.size;
  }

  get checkpoint(): string {
    return this.writer.checkpointText;
  }

  get tree(): TreeReader {
    return new TreeReader({ ...crypto, size: this.size, readTile: (path) => this.tiles.readTile(path) });
  }

  async shownFrom(oldSize: number) {
    return {
      checkpoint: this.checkpoint,
      oldSize,
      proof: oldSize <= this.size ? await consistencyProof(this.tree, oldSize) : [],
    };
  }

  /** The request that links this log to an old one, from its last entry. */
  async link() {
    const index = this.size - 1;
    return {
      verifierKey: formatVerifierKey(this.signer.key),
      checkpoint: this.checkpoint,
      leaf: await this.tree.entry(index),
      index,
      proof: await inclusionProof(this.tree, index),
    };
  }
}

function leafOf({ type, payloadHash }: { type: "grant/released" | "ledger/continued"; payloadHash?: Bytes }): Bytes {
  const event = { type, at: clock.now(), transfer: null };
  const salts = { salt: crypto.random.bytes(32), subjectSalt: null };
  return makeEntry(crypto.sha256, { event, ...salts, ...(payloadHash && { payloadHash }) }).leafBytes;
}

let ledger: Ledger;
let store: MemoryRingStore;
let keys: Awaited<ReturnType<typeof fakeKeyService>>;
let core: KeyService;
let scene: KeyServiceScene;
beforeEach(async () => {
  ledger = await (await Ledger.open(await signerOf("example.test/main"))).grow(300);
  store = new MemoryRingStore();
  await start();
});

/** The key service on what the store holds, as after a restart. */
async function start(): Promise<void> {
  keys = await fakeKeyService({ crypto, clock, store, ledgerKey: ledger.signer.key });
  ({ core } = keys);
  scene = new KeyServiceScene({ crypto, clock, keys });
}

const standingAfter = async (request: Parameters<KeyService["showLedger"]>[0]) => {
  const outcome = await outcomeOf(core.showLedger(request));
  return [outcome, core.ledgerStanding()];
};
const TAKEN = ["done", "shown"];
const REFUSED = ["keys/ledger-rolled-back", "refused"];

describe("a ledger", () => {
  it("is taken when it grows, and when it is shown again as it was", async () => {
    expect(await standingAfter(await ledger.shownFrom(0))).toEqual(TAKEN);
    expect(await standingAfter(await ledger.shownFrom(300))).toEqual(TAKEN);
    for (const count of [1, 211, 1000]) {
      const oldSize = ledger.size;
      await ledger.grow(count);
      expect(await standingAfter(await ledger.shownFrom(oldSize))).toEqual(TAKEN);
      expect(core.ledgerState().checkpoint).toBe(ledger.checkpoint);
    }
  });

  it("restored from a backup is refused, and taken again once the newer one is back", async () => {
    const backup = await ledger.copy();
    await core.showLedger(await (await ledger.grow(1)).shownFrom(0));
    expect(await standingAfter(await backup.shownFrom(301))).toEqual(REFUSED);
    expect(core.ledgerState().checkpoint).toBe(ledger.checkpoint);
    expect(await standingAfter(await ledger.shownFrom(301))).toEqual(TAKEN);
  });

  it("that went on from a backup is refused, however it proves itself", async () => {
    const backup = await ledger.copy();
    await core.showLedger(await (await ledger.grow(5)).shownFrom(0));
    await backup.grow(5);
    expect(await standingAfter(await backup.shownFrom(305))).toEqual(REFUSED);
    await backup.grow(95);
    for (const oldSize of [0, 1, 300, 305, 400]) {
      const { proof } = await backup.shownFrom(oldSize);
      expect(await standingAfter({ checkpoint: backup.checkpoint, oldSize: 305, proof })).toEqual(REFUSED);
    }
    const longer = await (await ledger.copy()).grow(95).then((grown) => grown.shownFrom(305));
    expect(await standingAfter({ ...longer, checkpoint: backup.checkpoint })).toEqual(REFUSED);
  });

  it("without its proof, with half of it or with a changed hash in it is refused", async () => {
    await core.showLedger(await ledger.shownFrom(0));
    const { checkpoint, oldSize, proof } = await (await ledger.grow(77)).shownFrom(300);
    expect(proof.length).toBeGreaterThan(2);
    const changed = proof.map(copyBytes);
    changed[0]?.fill(7, 0, 1);
    for (const wrong of [[], proof.slice(1), proof.slice(0, -1), [...proof, ...proof], changed]) {
      expect(await standingAfter({ checkpoint, oldSize, proof: wrong })).toEqual(REFUSED);
    }
    expect(await standingAfter({ checkpoint, oldSize, proof })).toEqual(TAKEN);
  });

  it.each([
    ["no note", () => "no note"],
    ["nothing", () => ""],
    ["a changed size", (text: string) => text.replace("\n300\n", "\n301\n")],
    ["a cut signature", (text: string) => text.slice(0, -10)],
  ])("that is %s is refused", async (_what, change) => {
    expect(await standingAfter({ checkpoint: change(ledger.checkpoint), oldSize: 0, proof: [] })).toEqual(REFUSED);
  });

  it("shown from another size than the last one seen is not shown: no alarm, and a liar stands where they stood", async () => {
    const backup = await ledger.copy();
    await core.keepTime();
    const { appends } = store;
    expect(await standingAfter(await ledger.shownFrom(299))).toEqual(["keys/ledger-not-shown", "not-shown"]);
    await core.showLedger(await (await ledger.grow(5)).shownFrom(0));
    const { checkpoint } = ledger;
    await backup.grow(95);
    for (const shown of [await backup.shownFrom(0), await backup.shownFrom(300), await backup.shownFrom(395)]) {
      expect(await standingAfter(shown)).toEqual(["keys/ledger-not-shown", "shown"]);
    }
    expect(await standingAfter(await backup.shownFrom(305))).toEqual(REFUSED);
    // Neither the fork nor the true ledger ends the alarm from a wrong size.
    await ledger.grow(1);
    for (const shown of [await backup.shownFrom(300), await ledger.shownFrom(300), await ledger.shownFrom(306)]) {
      expect(await standingAfter(shown)).toEqual(["keys/ledger-not-shown", "refused"]);
    }
    expect([core.ledgerState().checkpoint, store.appends]).toEqual([checkpoint, appends]);
    expect(await standingAfter(await ledger.shownFrom(305))).toEqual(TAKEN);
  });

  it("that a killed key service has not written down is taken from the size that it still knows", async () => {
    await core.showLedger(await ledger.shownFrom(0));
    await core.settle();
    await core.showLedger(await (await ledger.grow(9)).shownFrom(300));
    await start();
    expect(await standingAfter(await (await ledger.grow(1)).shownFrom(309))).toEqual([
      "keys/ledger-not-shown",
      "not-shown",
    ]);
    expect(await standingAfter(await ledger.shownFrom(300))).toEqual(TAKEN);
  });

  it("of another key under the same name is refused", async () => {
    const stranger = await (await Ledger.open(await signerOf("example.test/main"))).grow(400);
    expect(await standingAfter(await stranger.shownFrom(0))).toEqual(REFUSED);
  });

  it("is remembered over a restart once something rests on it, and has to be shown anew", async () => {
    const { grant } = await scene.transferWithGrant();
    await core.showLedger(await ledger.shownFrom(0));
    await core.showLedger(await (await ledger.grow(9)).shownFrom(300));
    const appends = store.appends;
    await (await scene.drawDevice()).ask(grant);
    expect(store.appends).toBe(appends + 1);
    await start();
    expect([core.ledgerState().checkpoint, core.ledgerStanding()]).toEqual([ledger.checkpoint, "not-shown"]);
    await core.showLedger(await ledger.shownFrom(309));
    await keys.shred(scene.named({ transfers: [await scene.addTransfer()] }));
    await start();
    expect(core.ledgerState().checkpoint).toBe(ledger.checkpoint);
  });

  it("costs no write of its own, and is durable after a settling", async () => {
    // The clock's first record is out of the way then.
    await core.keepTime();
    const { appends } = store;
    await core.showLedger(await ledger.shownFrom(0));
    expect(store.appends).toBe(appends);
    await core.settle();
    await core.settle();
    expect(store.appends).toBe(appends + 1);
    await start();
    expect(core.ledgerState().checkpoint).toBe(ledger.checkpoint);
  });
});

describe("a settling", () => {
  it("beside a showing writes the newer checkpoint, and never goes back to the older one", async () => {
    await core.keepTime();
    await core.showLedger(await ledger.shownFrom(0));
    const newer = await (await ledger.grow(9)).shownFrom(300);
    await Promise.all([core.showLedger(newer), core.settle()]);
    expect(core.ledgerState().checkpoint).toBe(newer.checkpoint);
    await start();
    expect(core.ledgerState().checkpoint).toBe(newer.checkpoint);
  });
});

describe("a release and a destruction", () => {
  it("wait until the ledger was shown, and stop where it was rolled back; nothing else stops", async () => {
    const { transfer, grant } = await scene.transferWithGrant();
    const device = await scene.drawDevice();
    const outcomes = async () => [
      await outcomeOf(device.ask(grant)),
      await outcomeOf(keys.shred(scene.named({ grants: [grant] }))),
    ];
    expect(await outcomes()).toEqual(["keys/ledger-not-shown", "keys/ledger-not-shown"]);
    const backup = await ledger.copy();
    await core.showLedger(await (await ledger.grow(1)).shownFrom(0));
    await outcomeOf(core.showLedger(await backup.shownFrom(301)));
    expect(await outcomes()).toEqual(["keys/ledger-rolled-back", "keys/ledger-rolled-back"]);
    expect(await outcomeOf(keys.suspend(scene.named({ transfers: [transfer] })))).toBe("done");
    await scene.addTransfer();
    await core.showLedger(await ledger.shownFrom(301));
    expect(await outcomes()).toEqual(["keys/suspended", "done"]);
  });

  it("need no ledger where none is pinned", async () => {
    keys = await fakeKeyService({ crypto, clock });
    scene = new KeyServiceScene({ crypto, clock, keys });
    const { grant } = await scene.transferWithGrant();
    expect(keys.core.ledgerStanding()).toBe("unwatched");
    expect(await outcomeOf((await scene.drawDevice()).ask(grant))).toBe("done");
    expect(await outcomeOf(keys.core.showLedger(await ledger.shownFrom(0)))).toBe("keys/ledger-rolled-back");
  });
});

describe("a log of another origin", () => {
  const hash = (text: string) => crypto.sha256(utf8Bytes(text));
  let backup: Ledger;
  beforeEach(async () => {
    backup = await ledger.copy();
    await core.showLedger(await (await ledger.grow(40)).shownFrom(0));
  });

  /** The restored entries under a new origin, and behind them the entry that names `old`. */
  async function renewed(old: string, type: "ledger/continued" | "grant/released" = "ledger/continued") {
    const fresh = await Ledger.open(await signerOf("example.test/second"));
    const entries = [...(await backup.tree.bundle(0)), ...(await backup.tree.bundle(1))];
    await fresh.grow(entries.length, (position) => entries[position] as Bytes);
    return fresh.grow(1, () => leafOf({ type, payloadHash: hash(old) }));
  }

  it("that names the last checkpoint seen is followed from then on, over a restart too", async () => {
    const fresh = await renewed(ledger.checkpoint);
    expect(await outcomeOf(core.continueLedger(await fresh.link()))).toBe("done");
    expect(core.ledgerStanding()).toBe("shown");
    await start();
    expect(core.ledgerState()).toEqual({
      verifierKey: formatVerifierKey(fresh.signer.key),
      checkpoint: fresh.checkpoint,
    });
    expect(await standingAfter(await ledger.shownFrom(301))).toEqual(REFUSED);
    expect(await standingAfter(await (await fresh.grow(3)).shownFrom(301))).toEqual(TAKEN);
  });

  it("that names an older checkpoint, or says it in another kind of entry, is refused", async () => {
    for (const wrong of [await renewed(backup.checkpoint), await renewed(ledger.checkpoint, "grant/released")]) {
      expect(await outcomeOf(core.continueLedger(await wrong.link()))).toBe("keys/ledger-rolled-back");
    }
  });

  it("whose tree does not hold the entry there is refused", async () => {
    const link = await (await renewed(ledger.checkpoint)).link();
    const unlinked = await (await Ledger.open(await signerOf("example.test/second"))).grow(301);
    for (const wrong of [
      { ...link, index: 0 },
      { ...link, proof: link.proof.slice(1) },
      { ...link, leaf: link.leaf.slice(1) },
      { ...link, checkpoint: ledger.checkpoint },
      { ...link, verifierKey: "" },
      { ...link, verifierKey: formatVerifierKey(unlinked.signer.key), checkpoint: unlinked.checkpoint },
    ]) {
      expect(await outcomeOf(core.continueLedger(wrong))).toBe("keys/ledger-rolled-back");
    }
    expect(core.ledgerState().checkpoint).toBe(ledger.checkpoint);
  });

  it("is not the old one under the same name", async () => {
    await backup.grow(1, () => leafOf({ type: "ledger/continued", payloadHash: hash(ledger.checkpoint) }));
    expect(await outcomeOf(core.continueLedger(await backup.link()))).toBe("keys/ledger-rolled-back");
  });
});
