/**
 * The ledger before a judge that none of us wrote: Go's checksum-database packages read our folder, notes and proofs.
 * Built from go-verifier/ with Debian's golang-golang-x-mod-dev where it is installed, else as a Go module.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64Text, type Bytes, utf8Bytes } from "@safeconduct/foundation";
import {
  consistencyProof,
  COSIGNATURE_KEY,
  cosignNote,
  ED25519_KEY,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  LedgerWriter,
  makeVerifierKey,
  type NoteKeyType,
  type NoteSigner,
  TreeReader,
  withCosignatures,
} from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";
import { MemoryTileStore } from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const GOPATH = "/usr/share/gocode";
const debianSources = existsSync(join(GOPATH, "src/golang.org/x/mod/sumdb/tlog"));
const missing = spawnSync("go", ["version"]).status === 0 ? null : "no go command: install golang-go";
const reason = missing === null ? "" : ` [skipped: ${missing}]`;

const { sha256, signatures } = nodeCrypto();
const NAME = "clinic.example/ledger";
const SIZES = [1, 255, 256, 257, 511, 513, 600];
const entries = Array.from({ length: 600 }, (_, i) => utf8Bytes(`entry ${i}`));

describe.skipIf(missing !== null)(`Go's sumdb as the judge of our ledger${reason}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), "ledger-go-"));
  const verifier = join(scratch, "go-verifier");
  const folder = join(scratch, "log");
  const checkpointAt = (size: number) => join(scratch, `checkpoint-${size}`);
  let log: NoteSigner;
  let vkey: string;
  let copies = 0;

  beforeAll(async () => {
    const environment = debianSources ? { GO111MODULE: "off", GOPATH } : { GOTOOLCHAIN: "local" };
    execFileSync("go", ["build", "-o", verifier, "."], {
      cwd: fileURLToPath(new URL("./go-verifier", import.meta.url)),
      env: { ...process.env, ...environment },
    });
    log = await makeSigner(NAME);
    vkey = formatVerifierKey(log.key);
    const writer = await LedgerWriter.open({ sha256, signatures, store: await openTileStore(folder), signer: log });
    for (const size of SIZES) {
      await writer.append(entries.slice(writer.size, size));
      writeFileSync(checkpointAt(size), writer.checkpointText);
    }
  }, 240_000);

  afterAll(() => rmSync(scratch, { recursive: true }));

  it("accepts the log with every entry included", () => {
    expect(judge("log", folder, vkey)).toEqual({ holds: true, says: "600 entries included" });
  });

  it("accepts a checkpoint with the lines of witnesses, whom it does not know", async () => {
    const copy = copied();
    const text = readFileSync(join(copy, "checkpoint"), "utf8");
    const witness = await makeSigner("witness.example/w1", COSIGNATURE_KEY);
    const note = { text: text.slice(0, text.indexOf("\n\n") + 1), timestamp: 1_764_000_000, signer: witness };
    writeFileSync(join(copy, "checkpoint"), withCosignatures(text, [await cosignNote(signatures, note)]));
    expect(judge("log", copy, vkey)).toEqual({ holds: true, says: "600 entries included" });
  });

  it.each(SIZES)("accepts that the log grew from %d entries", (size) => {
    const verdict = judge("log", folder, vkey, checkpointAt(size));
    expect(verdict).toEqual({ holds: true, says: `600 entries included, ${size} of them consistent` });
  });

  it.each([0, 254, 255, 256, 511, 512, 599])("accepts the tlog-proof that we make for entry %d", async (index) => {
    const proof = join(scratch, `${index}.tlog-proof`);
    writeFileSync(proof, await proofText(index));
    expect(judge("proof", proof, entryFile(index), vkey)).toMatchObject({ holds: true });
    expect(judge("proof", proof, entryFile(index === 0 ? 1 : index - 1), vkey)).toMatchObject({ holds: false });
  });

  it.each(SIZES.slice(0, -1))("accepts the consistency proof that we make from %d entries", async (size) => {
    const tree = await treeOf600();
    const lines = (await consistencyProof(tree, size)).map((hash) => `${base64Text(hash)}\n`);
    const proof = join(scratch, `${size}.consistency`);
    writeFileSync(proof, lines.join(""));
    expect(judge("consistency", checkpointAt(size), checkpointAt(600), proof, vkey)).toMatchObject({ holds: true });
    writeFileSync(proof, lines.slice(1).join(""));
    expect(judge("consistency", checkpointAt(size), checkpointAt(600), proof, vkey)).toMatchObject({ holds: false });
  });

  it("accepts our proofs in a log of three tile levels", async () => {
    const store = new MemoryTileStore();
    const writer = await LedgerWriter.open({ sha256, signatures, store, signer: log });
    await writer.append(Array.from({ length: 65_836 }, (_, i) => utf8Bytes(`entry ${i}`)));
    const tree = new TreeReader({ sha256, size: writer.size, readTile: (path) => store.readTile(path) });
    for (const index of [0, 599, 65_535, 65_536, 65_835]) {
      const proof = join(scratch, "deep.tlog-proof");
      const hashes = await inclusionProof(tree, index);
      writeFileSync(proof, formatTlogProof({ index, proof: hashes, checkpoint: writer.checkpointText }));
      const entry = join(scratch, "deep-entry");
      writeFileSync(entry, `entry ${index}`);
      expect(judge("proof", proof, entry, vkey)).toMatchObject({ holds: true });
    }
  });

  it.each([
    ["a leaf hash", "tile/0/000", 4000],
    ["the last tile of leaf hashes", "tile/0/002.p/88", 1],
    ["a hash above", "tile/1/000.p/2", 33],
    ["an entry", "tile/entries/001", 5],
    ["the root in the checkpoint", "checkpoint", NAME.length + 8],
    ["the size in the checkpoint", "checkpoint", NAME.length + 1],
    ["the origin in the checkpoint", "checkpoint", 0],
  ])("refuses the log when one bit flips in %s", (_, file, at) => {
    const copy = copied();
    const bytes = readFileSync(join(copy, file));
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(join(copy, file), bytes);
    expect(judge("log", copy, vkey)).toMatchObject({ holds: false });
  });

  it("refuses a forged signature: the same name, another key", async () => {
    const copy = copied();
    await signedBy(await makeSigner(NAME), copy);
    expect(judge("log", copy, vkey)).toMatchObject({ holds: false });
  });

  it("refuses another log's checkpoint over the same tiles", async () => {
    const copy = copied();
    const other = await makeSigner("other.example/ledger");
    await signedBy(other, copy);
    expect(judge("log", copy, vkey)).toMatchObject({ holds: false });
    expect(judge("log", copy, formatVerifierKey(other.key))).toMatchObject({ holds: true });
  });

  it("refuses a log that has become shorter", () => {
    const copy = copied();
    cpSync(checkpointAt(513), join(copy, "checkpoint"));
    expect(judge("log", copy, vkey, checkpointAt(600))).toEqual({ holds: false, says: "the log has become shorter" });
  });

  it("refuses a log that was written anew under the same key", async () => {
    const rewritten = join(scratch, "rewritten");
    const writer = await LedgerWriter.open({ sha256, signatures, store: await openTileStore(rewritten), signer: log });
    await writer.append(entries.with(3, utf8Bytes("never happened")));
    expect(judge("log", rewritten, vkey)).toMatchObject({ holds: true });
    expect(judge("log", rewritten, vkey, checkpointAt(256))).toMatchObject({ holds: false });
  });

  function judge(...args: string[]): { holds: boolean; says: string } {
    const { status, stdout, stderr } = spawnSync(verifier, args, { encoding: "utf8" });
    // 2 is wrong usage or a crash of the judge: no verdict.
    expect([0, 1]).toContain(status);
    return { holds: status === 0, says: (status === 0 ? stdout : stderr).trim() };
  }

  async function treeOf600(): Promise<TreeReader> {
    const store = await openTileStore(folder);
    return new TreeReader({ sha256, size: 600, readTile: (path) => store.readTile(path) });
  }

  async function proofText(index: number): Promise<string> {
    const proof = await inclusionProof(await treeOf600(), index);
    return formatTlogProof({ index, proof, checkpoint: readFileSync(join(folder, "checkpoint"), "utf8") });
  }

  function entryFile(index: number): string {
    const path = join(scratch, `entry-${index}`);
    writeFileSync(path, entries[index] as Bytes);
    return path;
  }

  function copied(): string {
    copies++;
    const copy = join(scratch, `copy-${copies}`);
    cpSync(folder, copy, { recursive: true });
    return copy;
  }

  /** Puts a checkpoint of the same tree, signed by `signer`, into the copy. */
  async function signedBy(signer: NoteSigner, copy: string): Promise<void> {
    const writer = await LedgerWriter.open({ sha256, signatures, store: new MemoryTileStore(), signer });
    writeFileSync(join(copy, "checkpoint"), (await writer.append(entries)).checkpointText);
  }
});

async function makeSigner(name: string, type: NoteKeyType = ED25519_KEY): Promise<NoteSigner> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  return { key: makeVerifierKey(sha256, { name, type, publicKey }), privateKey };
}
