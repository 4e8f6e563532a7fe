import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64Text, type Bytes, utf8Bytes } from "@safeconduct/foundation";
import { MerkleOracle, known } from "@safeconduct/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { signCheckpoint } from "./checkpoint.ts";
import { ED25519_KEY, makeVerifierKey, type NoteSigner } from "./note-keys.ts";
import { PROOF_LIMIT_HASHES } from "./proof.ts";
import {
  formatTlogProof,
  parseTlogProof,
  TLOG_PROOF_LIMIT_EXTRA_BYTES,
  type TlogProof,
  verifyTlogProof,
} from "./tlog-proof.ts";

const { sha256, signatures } = nodeCrypto();
const entries = Array.from({ length: 7 }, (_, i) => utf8Bytes(`entry ${i}`));
const oracle = new MerkleOracle(entries);
let log: NoteSigner;
let honest: TlogProof;
let text: string;

beforeAll(async () => {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  log = { key: makeVerifierKey(sha256, { name: "clinic.example/ledger", type: ED25519_KEY, publicKey }), privateKey };
  const checkpoint = await signCheckpoint(signatures, { origin: log.key.name, size: 7, root: oracle.root(0, 7) }, log);
  honest = { index: 2, proof: oracle.path(2, 0, 7), checkpoint };
  text = formatTlogProof(honest);
});

describe("tlog-proof files", () => {
  it("are the lines of the specification", () => {
    const hashes = honest.proof.map((hash) => `${base64Text(hash)}\n`).join("");
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 2\n${hashes}\n${honest.checkpoint}`);
    const withExtra = formatTlogProof({ ...honest, extra: utf8Bytes("hi") });
    expect(withExtra.split("\n")[1]).toBe("extra aGk=");
  });

  it("come back, with and without extra data, and with no hash at all", () => {
    const proofs = [honest, { ...honest, extra: utf8Bytes("hi") }, { ...honest, index: 0, proof: [] }];
    for (const proof of proofs) expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
  });

  it("prove their entry offline", async () => {
    const parsed = known(parseTlogProof(text));
    const opened = await verifyTlogProof({ sha256, signatures }, parsed, {
      entry: entries[2] as Bytes,
      logKey: log.key,
    });
    expect(opened?.checkpoint.size).toBe(7);
  });

  it("prove no other entry, index or checkpoint", async () => {
    const claim = { entry: entries[2] as Bytes, logKey: log.key };
    const verify = (proof: TlogProof, changed = {}) =>
      verifyTlogProof({ sha256, signatures }, proof, { ...claim, ...changed });
    expect(await verify(honest, { entry: entries[3] })).toBeNull();
    expect(await verify({ ...honest, index: 3 })).toBeNull();
    expect(await verify({ ...honest, proof: honest.proof.slice(1) })).toBeNull();
    expect(await verify({ ...honest, checkpoint: honest.checkpoint.replace("\n7\n", "\n8\n") })).toBeNull();
    const { publicKey } = await signatures.generateKeyPair();
    const stranger = makeVerifierKey(sha256, { name: log.key.name, type: ED25519_KEY, publicKey });
    expect(await verify(honest, { logKey: stranger })).toBeNull();
  });

  it.each<[string, (text: string) => string]>([
    ["another version", (proof) => proof.replace("@v1", "@v2")],
    ["no index", (proof) => proof.replace("index 2\n", "")],
    ["an index with a leading zero", (proof) => proof.replace("index 2", "index 02")],
    ["a negative index", (proof) => proof.replace("index 2", "index -2")],
    ["an index over 2^53 − 1", (proof) => proof.replace("index 2", "index 9007199254740992")],
    ["empty extra data", (proof) => proof.replace("index", "extra \nindex")],
    ["extra data twice", (proof) => proof.replace("index", "extra aGk=\nextra aGk=\nindex")],
    ["extra data that is no base64", (proof) => proof.replace("index", "extra aGk\nindex")],
    ["a hash of 31 bytes", (proof) => proof.replace("index 2\n", `index 2\n${base64Text(new Uint8Array(31))}\n`)],
    ["a hash with a space behind", (proof) => proof.replace("=\n", "= \n")],
    ["carriage returns", (proof) => proof.replaceAll("\n", "\r\n")],
    ["no blank line", (proof) => proof.replaceAll("\n\n", "\n")],
    ["something in front", (proof) => ` ${proof}`],
  ])("are refused with %s", (_, damage) => {
    expect(damage(text)).not.toBe(text);
    expect(parseTlogProof(damage(text))).toBeNull();
  });

  it("are parsed up to their limits", () => {
    const ofHashes = (count: number) =>
      formatTlogProof({ ...honest, proof: Array.from({ length: count }, () => new Uint8Array(32)) });
    expect(parseTlogProof(ofHashes(PROOF_LIMIT_HASHES - 1))).not.toBeNull();
    expect(parseTlogProof(ofHashes(PROOF_LIMIT_HASHES))).not.toBeNull();
    expect(parseTlogProof(ofHashes(PROOF_LIMIT_HASHES + 1))).toBeNull();
    const ofExtra = (length: number) => formatTlogProof({ ...honest, extra: new Uint8Array(length) });
    expect(parseTlogProof(ofExtra(TLOG_PROOF_LIMIT_EXTRA_BYTES - 1))).not.toBeNull();
    expect(parseTlogProof(ofExtra(TLOG_PROOF_LIMIT_EXTRA_BYTES))).not.toBeNull();
    expect(parseTlogProof(ofExtra(TLOG_PROOF_LIMIT_EXTRA_BYTES + 1))).toBeNull();
    expect(parseTlogProof("x".repeat(10_000_000))).toBeNull();
  });
});
