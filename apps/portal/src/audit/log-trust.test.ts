import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  commitEvent,
  ED25519_KEY,
  formatVerifierKey,
  LedgerWriter,
  makeEntry,
  makeVerifierKey,
  type NoteSigner,
  type TreeReader,
} from "@safeconduct/ledger";
import { base64UrlText, utf8Text } from "@safeconduct/foundation";
import { MemoryTileStore } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { type ClaimedEntry, proveEntry } from "./entry-proof.ts";
import { judgeLog, type KeptLog, type LogMemory } from "./log-trust.ts";

const crypto = nodeCrypto();
const AT = 1_800_000_000_000;

interface Log {
  readonly tiles: MemoryTileStore;
  readonly writer: LedgerWriter;
  readonly signer: NoteSigner;
}

async function aSigner(name = "clinic.example/log"): Promise<NoteSigner> {
  const { publicKey, privateKey } = await crypto.signatures.generateKeyPair();
  return { key: makeVerifierKey(crypto.sha256, { name, type: ED25519_KEY, publicKey }), privateKey };
}

async function aLog(signer: NoteSigner): Promise<Log> {
  const tiles = new MemoryTileStore();
  return { tiles, signer, writer: await LedgerWriter.open({ store: tiles, signer, ...crypto }) };
}

function anEntry(note: string): { leaf: Uint8Array<ArrayBuffer>; claimed: Omit<ClaimedEntry, "index"> } {
  const salt = crypto.random.bytes(32);
  const event = {
    type: "grant/released",
    at: AT,
    transfer: null,
    grant: null,
    outcome: "done",
    detail: { note },
  } as const;
  const { leafBytes, eventBytes } = makeEntry(crypto.sha256, { event, salt, subjectSalt: null });
  const claimed = { type: event.type, at: AT, outcome: "done", transfer: null, grant: null };
  return { leaf: leafBytes, claimed: { ...claimed, event: utf8Text(eventBytes), salt: base64UrlText(salt) } };
}

const append = (log: Log, count: number) =>
  log.writer.append(Array.from({ length: count }, (_, at) => anEntry(`filler ${at}`).leaf));

const shown = ({ tiles, writer, signer }: Log) => ({
  verifierKey: formatVerifierKey(signer.key),
  readCheckpoint: async (): Promise<string | null> => writer.checkpointText,
  readTile: (path: string) => tiles.readTile(path),
});

class Memory implements LogMemory {
  kept: KeptLog | null = null;
  read(): KeptLog | null {
    return this.kept;
  }
  write(kept: KeptLog): void {
    this.kept = kept;
  }
}

let signer: NoteSigner;
let log: Log;
let memory: Memory;
beforeEach(async () => {
  signer = await aSigner();
  log = await aLog(signer);
  memory = new Memory();
});

const judge = (what = shown(log)) => judgeLog(crypto, what, { memory, now: AT });
const refusalOf = async (what = shown(log)) => {
  const verdict = await judge(what);
  return verdict.believed ? null : verdict.refusal;
};

describe("a log is believed", () => {
  test("the first time, and its key and state are remembered", async () => {
    await append(log, 3);
    expect(await judge()).toMatchObject({ believed: true, since: null, checkpoint: { size: 3 } });
    expect(memory.kept).toEqual({
      ...shown(log),
      readCheckpoint: undefined,
      readTile: undefined,
      since: AT,
      checkpoint: log.writer.checkpointText,
    });
  });

  test("as long as it continues what was seen, over tile borders too", async () => {
    await append(log, 200);
    await judge();
    await append(log, 400);
    expect(await judge()).toMatchObject({ believed: true, since: AT, checkpoint: { size: 600 } });
    expect(await judge()).toMatchObject({ believed: true, checkpoint: { size: 600 } });
  });
});

describe("a log is refused", () => {
  test("under another key than the remembered one, and the memory stays", async () => {
    await append(log, 3);
    await judge();
    const before = memory.kept;
    const other = await aLog(await aSigner());
    await append(other, 5);
    expect(await refusalOf(shown(other))).toBe("key-changed");
    expect(memory.kept).toEqual(before);
  });

  test("when its state is signed by nobody whom this browser knows", async () => {
    const other = await aLog(await aSigner());
    await append(other, 3);
    expect(await refusalOf({ ...shown(other), verifierKey: formatVerifierKey(signer.key) })).toBe("not-signed");
    expect(await refusalOf({ ...shown(log), verifierKey: "nonsense" })).toBe("not-signed");
    expect(memory.kept).toBeNull();
  });

  test("when it is shorter than it was", async () => {
    await append(log, 3);
    const older = log.writer.checkpointText;
    await append(log, 3);
    await judge();
    expect(await refusalOf({ ...shown(log), readCheckpoint: async () => older })).toBe("rolled-back");
  });

  test.each([
    ["of the same length", 4],
    ["that is longer", 300],
  ])("when its past is another one, by a fork %s under the same key", async (_claim, count) => {
    await append(log, 4);
    await judge();
    const fork = await aLog(signer);
    await append(fork, count);
    expect(await refusalOf(shown(fork))).toBe("forked");
  });

  test("when it cannot be read, which says nothing about it", async () => {
    await append(log, 3);
    await judge();
    expect(await refusalOf({ ...shown(log), readCheckpoint: async () => null })).toBe("unreachable");
    await append(log, 300);
    expect(await refusalOf({ ...shown(log), readTile: async () => null })).toBe("unreachable");
  });
});

test("what another tab has seen meanwhile is not overwritten with less", async () => {
  await append(log, 3);
  await judge();
  const more = { verifierKey: "k", checkpoint: "of another tab", since: 1 };
  const readCheckpoint = async () => {
    memory.kept = more;
    return log.writer.checkpointText;
  };
  await judge({ ...shown(log), readCheckpoint });
  expect(memory.kept).toEqual(more);
});

describe("an entry", () => {
  let claimed: ClaimedEntry;
  let tree: TreeReader;
  beforeEach(async () => {
    await append(log, 300);
    const entry = anEntry("ours");
    await log.writer.append([entry.leaf]);
    claimed = { ...entry.claimed, index: 300 };
    await append(log, 5);
    const verdict = await judge();
    if (!verdict.believed) throw new Error("not believed");
    tree = verdict.tree;
  });
  const verdictOf = async (entry: Partial<ClaimedEntry>, by = tree) =>
    proveEntry(crypto.sha256, { checkpoint: log.writer.checkpoint, tree: by }, { ...claimed, ...entry });

  test("is proven when it says what its leaf commits to", async () => {
    expect(await verdictOf({})).toBe("proven");
  });

  test("that was erased is proven to have been", async () => {
    expect(await verdictOf({ event: null, salt: null, outcome: null })).toBe("erased");
  });

  test.each<[string, Partial<ClaimedEntry>]>([
    ["another time of the same minute", { at: AT + 1 }],
    ["another outcome beside it", { outcome: "grant/unavailable" }],
    ["another transfer beside it", { transfer: "trf_other" }],
    ["another link beside it", { grant: "grt_other" }],
    ["another kind", { type: "grant/revoked" }],
    ["words that are no JSON", { event: "{" }],
    ["words in another spelling", { event: " {}" }],
    ["no salt", { salt: null }],
    ["another salt", { salt: base64UrlText(new Uint8Array(32)) }],
    ["a salt of another length", { salt: "AAAA" }],
    ["no words, and a salt", { event: null }],
    ["another's place", { index: 299 }],
  ])("with %s is not proven", async (_claim, change) => {
    expect(await verdictOf(change)).toBe("mismatch");
  });

  test("whose words were changed is not proven", async () => {
    expect(await verdictOf({ event: claimed.event?.replace("ours", "hers") ?? null })).toBe("mismatch");
  });

  test("beyond the signed state, or whose tiles were changed, is not in it", async () => {
    expect(await verdictOf({ index: 306 })).toBe("not-included");
    const other = await aLog(signer);
    await append(other, 300);
    await other.writer.append([anEntry("ours").leaf]);
    await append(other, 5);
    const foreign = await judgeLog(crypto, shown(other), { memory: new Memory(), now: AT });
    expect(foreign.believed && (await verdictOf({}, foreign.tree))).toBe("not-included");
  });

  test("whose tiles cannot be read is not checked", async () => {
    const verdict = await judgeLog(
      crypto,
      { ...shown(log), readTile: async () => null },
      { memory: new Memory(), now: AT },
    );
    expect(verdict.believed && (await verdictOf({}, verdict.tree))).toBe("unreadable");
  });

  test("commits to its words under its salt alone", () => {
    const text = new TextEncoder().encode(claimed.event ?? "");
    const [one, two] = [1, 2].map((byte) => commitEvent(crypto.sha256, new Uint8Array(32).fill(byte), text));
    expect(one).not.toEqual(two);
  });
});
