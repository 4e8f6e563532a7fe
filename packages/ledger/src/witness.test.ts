import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64Text, type Bytes, utf8Bytes } from "@safeconduct/foundation";
import { known, MemoryTileStore } from "@safeconduct/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "./checkpoint.ts";
import { type AskWitness, COSIGNATURE_LIMIT_CHARACTERS, requestCosignature, withCosignatures } from "./cosigning.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { cosignNote, formatNote, formatSignatureLine, parseNote } from "./note.ts";
import { COSIGNATURE_KEY, ED25519_KEY, makeVerifierKey, type NoteSigner } from "./note-keys.ts";
import { consistencyProof } from "./proof.ts";
import { TreeReader } from "./tree-reader.ts";
import { Witness, type WitnessAnswer, type WitnessMemory } from "./witness.ts";
import {
  formatWitnessRequest,
  parseKnownSize,
  parseWitnessRequest,
  WITNESS_PROOF_LIMIT_HASHES,
} from "./witness-request.ts";

const { sha256, signatures } = nodeCrypto();
const ports = { sha256, signatures };
const NOW = 1_764_000_000_999;
const leaves = (count: number, label = "leaf") => Array.from({ length: count }, (_, i) => utf8Bytes(`${label} ${i}`));

async function makeSigner(name: string, type: typeof ED25519_KEY | typeof COSIGNATURE_KEY): Promise<NoteSigner> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  return { key: makeVerifierKey(sha256, { name, type, publicKey }), privateKey };
}

/** A log whose checkpoints of some sizes are at hand. */
class TestLog {
  readonly store = new MemoryTileStore();
  readonly signer: NoteSigner;
  readonly texts = new Map<number, string>();
  private constructor(signer: NoteSigner) {
    this.signer = signer;
  }
  static async grown(signer: NoteSigner, sizes: readonly number[], label = "leaf"): Promise<TestLog> {
    const log = new TestLog(signer);
    const writer = await LedgerWriter.open({ ...ports, store: log.store, signer });
    const all = leaves(sizes.at(-1) ?? 0, label);
    for (const size of sizes) {
      await writer.append(all.slice(writer.size, size));
      log.texts.set(size, writer.checkpointText);
    }
    return log;
  }
  text(size: number): string {
    return known(this.texts.get(size));
  }
  tree(size: number): TreeReader {
    return new TreeReader({ sha256, size, readTile: (path) => this.store.readTile(path) });
  }
  async request(oldSize: number, size: number): Promise<string> {
    const proof = await consistencyProof(this.tree(size), oldSize);
    return formatWitnessRequest({ oldSize, proof, checkpointText: this.text(size) });
  }
}

class Memory implements WitnessMemory {
  readonly held = new Map<string, string>();
  readonly conflicts: string[] = [];
  fails = false;
  async read(origin: string) {
    return this.held.get(origin) ?? null;
  }
  async write(origin: string, text: string) {
    await Promise.resolve();
    if (this.fails) throw new Error("disk full");
    this.held.set(origin, text);
  }
  async keepConflict(_origin: string, text: string) {
    this.conflicts.push(text);
  }
}

const logSigner = await makeSigner("clinic.example/ledger", ED25519_KEY);
const witnessSigner = await makeSigner("witness.example/w1", COSIGNATURE_KEY);
const log = await TestLog.grown(logSigner, [0, 3, 7, 8, 300]);
const other = await TestLog.grown(logSigner, [0, 3, 7, 8, 300], "forged");

let memory: Memory;
let witness: Witness;
const openWitness = () =>
  Witness.open({ ...ports, logs: [logSigner.key], signer: witnessSigner, memory, clock: { now: () => NOW } });
beforeEach(async () => {
  memory = new Memory();
  witness = await openWitness();
});
const kindOf = async (answer: Promise<WitnessAnswer>) => (await answer).kind;

describe("a witness", () => {
  it("cosigns a log from its first checkpoint on, as long as each contains the one before", async () => {
    for (const [from, to] of [
      [0, 0],
      [0, 3],
      [3, 3],
      [3, 7],
      [7, 300],
    ] as const) {
      const answer = await witness.addCheckpoint(await log.request(from, to));
      expect(answer).toMatchObject({ kind: "cosigned", size: to });
      const line = answer.kind === "cosigned" ? answer.line : "";
      const opened = await openCheckpoint(signatures, log.text(to) + line, {
        logKey: logSigner.key,
        witnesses: [witnessSigner.key],
      });
      expect(opened).toMatchObject({ checkpoint: { size: to }, witnesses: [{ timestamp: 1_764_000_000 }] });
    }
  });

  it("remembers across a restart, before it has answered", async () => {
    await witness.addCheckpoint(await log.request(0, 7));
    expect(memory.held.get(logSigner.key.name)).toBe(log.text(7));
    witness = await openWitness();
    expect(await witness.addCheckpoint(await log.request(0, 8))).toEqual({ kind: "other-size", knownSize: 7 });
    expect(await kindOf(witness.addCheckpoint(await log.request(7, 8)))).toBe("cosigned");
  });

  it("does not begin anew when its memory is not the log's", async () => {
    memory.held.set(logSigner.key.name, log.text(7).replace("\n7\n", "\n3\n"));
    await expect(openWitness()).rejects.toMatchObject({ code: "ledger/foreign-checkpoint" });
  });

  it("cosigns nothing that it cannot write down, and knows no more afterwards", async () => {
    memory.fails = true;
    await expect(witness.addCheckpoint(await log.request(0, 7))).rejects.toThrow("disk full");
    memory.fails = false;
    expect(await kindOf(witness.addCheckpoint(await log.request(0, 3)))).toBe("cosigned");
  });

  it("never goes back, whoever comes first", async () => {
    const both = await Promise.all([
      witness.addCheckpoint(await log.request(0, 8)),
      witness.addCheckpoint(await log.request(0, 3)),
    ]);
    expect(both.map(({ kind }) => kind)).toEqual(["cosigned", "other-size"]);
    expect(memory.held.get(logSigner.key.name)).toBe(log.text(8));
  });

  it("keeps the log's own signature lines only", async () => {
    const stranger = formatSignatureLine(
      await cosignNote(signatures, {
        text: "x\n",
        timestamp: 1,
        signer: await makeSigner("a.example", COSIGNATURE_KEY),
      }),
    );
    const proofless = formatWitnessRequest({ oldSize: 0, proof: [], checkpointText: log.text(3) + stranger });
    expect(await kindOf(witness.addCheckpoint(proofless))).toBe("cosigned");
    expect(memory.held.get(logSigner.key.name)).toBe(log.text(3));
  });

  describe("refuses", () => {
    it("the second of two diverging copies, and keeps the proof when both have one size", async () => {
      await witness.addCheckpoint(await log.request(0, 7));
      expect(await kindOf(witness.addCheckpoint(await other.request(7, 8)))).toBe("bad-proof");
      expect(await kindOf(witness.addCheckpoint(await other.request(7, 300)))).toBe("bad-proof");
      expect(memory.conflicts).toEqual([]);
      expect(await kindOf(witness.addCheckpoint(await other.request(7, 7)))).toBe("other-root");
      expect(memory.conflicts).toEqual([other.text(7)]);
      expect(await kindOf(witness.addCheckpoint(await log.request(7, 8)))).toBe("cosigned");
    });

    it("a log that it does not know, and a known one without its signature", async () => {
      const stranger = await TestLog.grown(await makeSigner("other.example/ledger", ED25519_KEY), [3]);
      expect(await kindOf(witness.addCheckpoint(await stranger.request(0, 3)))).toBe("unknown-log");
      const impostor = await TestLog.grown(await makeSigner(logSigner.key.name, ED25519_KEY), [3]);
      expect(await kindOf(witness.addCheckpoint(await impostor.request(0, 3)))).toBe("not-signed");
      const note = known(parseNote(log.text(3)));
      const unsigned = formatNote({ ...note, signatures: known(parseNote(impostor.text(3))).signatures });
      const request = formatWitnessRequest({ oldSize: 0, proof: [], checkpointText: unsigned });
      expect(await kindOf(witness.addCheckpoint(request))).toBe("not-signed");
    });

    it("a smaller log after a larger one", async () => {
      await witness.addCheckpoint(await log.request(0, 8));
      const back = formatWitnessRequest({ oldSize: 8, proof: [], checkpointText: log.text(7) });
      expect(await kindOf(witness.addCheckpoint(back))).toBe("malformed");
      expect(await witness.addCheckpoint(await log.request(3, 7))).toEqual({ kind: "other-size", knownSize: 8 });
    });

    it.each<[string, (proof: Bytes[]) => Bytes[]]>([
      ["none", () => []],
      ["cut short", (proof) => proof.slice(1)],
      ["too long", (proof) => [...proof, new Uint8Array(32)]],
      ["one bit off", ([first = new Uint8Array(32), ...rest]) => [first.with(0, (first[0] ?? 0) ^ 1), ...rest]],
    ])("a consistency proof that is %s", async (_, change) => {
      await witness.addCheckpoint(await log.request(0, 3));
      const proof = change(await consistencyProof(log.tree(300), 3));
      const request = formatWitnessRequest({ oldSize: 3, proof, checkpointText: log.text(300) });
      expect(await kindOf(witness.addCheckpoint(request))).toBe("bad-proof");
      expect(memory.held.get(logSigner.key.name)).toBe(log.text(3));
    });

    it("a proof where none belongs", async () => {
      const proof = [new Uint8Array(32)];
      const fromNothing = formatWitnessRequest({ oldSize: 0, proof, checkpointText: log.text(3) });
      expect(await kindOf(witness.addCheckpoint(fromNothing))).toBe("bad-proof");
    });

    it.each<[string, (text: string) => string]>([
      ["nothing", () => ""],
      ["no old size", (text) => text.replace("old 0\n", "")],
      ["an old size with a zero in front", (text) => text.replace("old 0", "old 00")],
      ["a negative old size", (text) => text.replace("old 0", "old -1")],
      ["an old size beyond 2^53", (text) => text.replace("old 0", "old 9007199254740992")],
      ["an old size larger than the tree", (text) => text.replace("old 0", "old 4")],
      ["two spaces", (text) => text.replace("old 0", "old  0")],
      ["carriage returns", (text) => text.replaceAll("\n", "\r\n")],
      ["a proof line that is no base64", (text) => text.replace("old 0\n", "old 0\n!\n")],
      ["a hash of 31 bytes", (text) => text.replace("old 0\n", `old 0\n${base64Text(new Uint8Array(31))}\n`)],
      ["no empty line", (text) => text.replace("old 0\n\n", "old 0\n")],
      ["no checkpoint", () => "old 0\n\n"],
      ["an extension line", (text) => text.replace("\n\n—", "\nextension\n\n—")],
      ["no signature", (text) => text.slice(0, text.indexOf("—"))],
    ])("a request with %s", async (_, change) => {
      const request = formatWitnessRequest({ oldSize: 0, proof: [], checkpointText: log.text(3) });
      expect(await kindOf(witness.addCheckpoint(change(request)))).toBe("malformed");
      expect(memory.held.size).toBe(0);
    });
  });

  it("reads as many proof lines as the specification allows", () => {
    const withLines = (count: number) =>
      parseWitnessRequest(
        formatWitnessRequest({
          oldSize: 1,
          proof: Array.from({ length: count }, () => new Uint8Array(32)),
          checkpointText: log.text(3),
        }),
      );
    expect(withLines(WITNESS_PROOF_LIMIT_HASHES - 1)?.proof).toHaveLength(WITNESS_PROOF_LIMIT_HASHES - 1);
    expect(withLines(WITNESS_PROOF_LIMIT_HASHES)?.proof).toHaveLength(WITNESS_PROOF_LIMIT_HASHES);
    expect(withLines(WITNESS_PROOF_LIMIT_HASHES + 1)).toBeNull();
  });
});

describe("a log that asks for a cosignature", () => {
  const ask = (size: number, answer: AskWitness, knownSize = 0) =>
    openCheckpoint(signatures, log.text(size), { logKey: logSigner.key }).then((opened) =>
      requestCosignature(signatures, {
        tree: log.tree(size),
        checkpoint: known(opened).checkpoint,
        checkpointText: log.text(size),
        witness: witnessSigner.key,
        knownSize,
        ask: answer,
      }),
    );
  /** The honest witness behind HTTP. */
  const honest: AskWitness = async (body) => {
    const answer = await witness.addCheckpoint(body);
    if (answer.kind === "cosigned") return { status: 200, body: answer.line };
    if (answer.kind === "other-size" || answer.kind === "other-root")
      return { status: 409, body: `${answer.knownSize}\n` };
    return { status: answer.kind === "bad-proof" ? 422 : 400, body: "" };
  };
  const says = (status: number, body = "") => ask(8, async () => ({ status, body }));

  it("gets it, also when it does not know how far the witness is", async () => {
    expect(await ask(3, honest)).toMatchObject({ ok: true, timestamp: 1_764_000_000 });
    const cosigned = await ask(300, honest);
    expect(cosigned).toMatchObject({ ok: true });
    const text = withCosignatures(log.text(300), cosigned.ok ? [cosigned.signature] : []);
    const trusted = { logKey: logSigner.key, witnesses: [witnessSigner.key] };
    expect(known(await openCheckpoint(signatures, text, trusted)).witnesses).toHaveLength(1);
    expect(withCosignatures(text, cosigned.ok ? [cosigned.signature] : [])).toBe(text);
  });

  it("hears that the witness is further, which an honest log never does", async () => {
    await ask(300, honest);
    expect(await ask(8, honest)).toEqual({ ok: false, failure: "ahead" });
  });

  it("hears that the witness has seen another history", async () => {
    await witness.addCheckpoint(await other.request(0, 7));
    expect(await ask(7, honest)).toEqual({ ok: false, failure: "disagrees" });
    expect(await ask(8, honest)).toEqual({ ok: false, failure: "disagrees" });
  });

  it.each([
    ["no answer", null, "unreachable"],
    ["a failure", { status: 500, body: "" }, "unreachable"],
    ["an unknown log", { status: 404, body: "" }, "unknown-log"],
    ["a redirect", { status: 302, body: "" }, "refused"],
    ["a conflict without a size", { status: 409, body: "x\n" }, "refused"],
    ["an empty cosignature", { status: 200, body: "" }, "not-genuine"],
    ["words", { status: 200, body: "thank you\n" }, "not-genuine"],
    ["a page", { status: 200, body: "<html>\n\n</html>\n" }, "not-genuine"],
    ["too much", { status: 200, body: "—".repeat(COSIGNATURE_LIMIT_CHARACTERS + 1) }, "not-genuine"],
  ] as const)("takes %s for what it is", async (_, answer, failure) => {
    expect(await ask(8, async () => answer)).toEqual({ ok: false, failure });
  });

  it("does not ask a witness that keeps changing its mind for ever", async () => {
    let size = 0;
    let asked = 0;
    const fickle: AskWitness = async () => {
      asked++;
      size = size === 3 ? 7 : 3;
      return { status: 409, body: `${size}\n` };
    };
    expect(await ask(8, fickle)).toEqual({ ok: false, failure: "refused" });
    expect(asked).toBe(3);
  });

  it("refuses a forged cosignature: another key under the name, another checkpoint, another text", async () => {
    const impostor = await makeSigner(witnessSigner.key.name, COSIGNATURE_KEY);
    const line = async (text: string, signer: NoteSigner) =>
      formatSignatureLine(await cosignNote(signatures, { text, timestamp: 1, signer }));
    const text = known(parseNote(log.text(8))).text;
    const forged = { ...impostor, key: witnessSigner.key };
    for (const answer of [
      await line(text, impostor),
      await line(text, forged),
      await line(known(parseNote(log.text(7))).text, witnessSigner),
      `x\n\n${await line(`${text}\nx\n`, witnessSigner)}`,
    ])
      expect(await says(200, answer)).toEqual({ ok: false, failure: "not-genuine" });
    expect(await says(200, await line(text, witnessSigner))).toMatchObject({ ok: true });
  });

  it("takes no log's signature for a witness's", async () => {
    const plain = { ...witnessSigner, key: { ...witnessSigner.key, type: ED25519_KEY } } as const;
    const note = known(parseNote(log.text(8)));
    const signature = await signatures.sign(plain.privateKey, utf8Bytes(note.text));
    const { name, keyId } = witnessSigner.key;
    expect(await says(200, formatSignatureLine({ name, keyId, signature }))).toMatchObject({ failure: "not-genuine" });
  });
});

it.each(["", "1", "01\n", "-1\n", "1\n\n", "1 \n", "9007199254740992\n", "1e3\n"])("%j is no size", (text) => {
  expect(parseKnownSize(text)).toBeNull();
});

it("a size is read", () => {
  expect(parseKnownSize("0\n")).toBe(0);
  expect(parseKnownSize("9007199254740991\n")).toBe(Number.MAX_SAFE_INTEGER);
});
