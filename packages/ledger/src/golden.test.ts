/** Files written by version 1 of the stored forms. Whatever comes later must still read them as they were. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, copyBytes, hexBytes, hexText, utf8Bytes } from "@safeconduct/foundation";
import { known } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { canonicalJson, type JsonObject } from "./canonical-json.ts";
import { formatCertificate, parseCertificate } from "./certificate.ts";
import { verifyCertificate } from "./certificate-verify.ts";
import { makeEntry, type ReadableEvent } from "./entry.ts";
import { decodeLeaf } from "./leaf.ts";
import { parseVerifierKey, type VerifierKey } from "./note-keys.ts";
import { parseTilePath } from "./tile.ts";
import { parseTlogProof, verifyTlogProof } from "./tlog-proof.ts";
import { verifyLog } from "./verify-log.ts";

interface GoldenLeaf {
  readonly event: JsonObject;
  readonly eventText: string;
  readonly salt: string;
  readonly subjectSalt: string | null;
  readonly leaf: string;
}

const ports = nodeCrypto();
const folder = fileURLToPath(new URL("../../../vectors/ledger/v1", import.meta.url));
const file = (path: string) => readFileSync(join(folder, path), "utf8");
const logKey = parseVerifierKey(ports.sha256, file("vkey").trimEnd()) as VerifierKey;
const leaves = JSON.parse(file("leaves.json")) as GoldenLeaf[];
const bytesOf = (hex: string) => hexBytes(hex) as Bytes;

describe("golden files of ledger version 1", () => {
  it.each([...leaves.entries()])("leaf %d reads as it was and is made again", (_, golden) => {
    const leaf = decodeLeaf(bytesOf(golden.leaf));
    expect(canonicalJson(golden.event)).toBe(golden.eventText);
    const made = makeEntry(ports.sha256, {
      event: golden.event as ReadableEvent,
      salt: bytesOf(golden.salt),
      subjectSalt: golden.subjectSalt === null ? null : bytesOf(golden.subjectSalt),
      termsHash: leaf.termsHash,
      payloadHash: leaf.payloadHash,
    });
    expect(hexText(made.leafBytes)).toBe(golden.leaf);
  });

  it("the log verifies, contains its earlier checkpoint and holds these leaves", async () => {
    const held: string[] = [];
    const verdict = await verifyLog(ports, {
      readTile: async (path) =>
        parseTilePath(path) === null ? null : copyBytes(readFileSync(join(folder, "log", path))),
      checkpointText: file("log/checkpoint"),
      earlierText: file("earlier-checkpoint"),
      logKey,
      onEntry: (_, entry) => {
        held.push(hexText(entry));
      },
    });
    expect(verdict).toMatchObject({ ok: true, checkpoint: { origin: "golden.example/ledger", size: 6 } });
    expect(held).toEqual(leaves.map(({ leaf }) => leaf));
  });

  it("the certificate holds, its erased entry included, and is written the same again", async () => {
    const text = file("custody.certificate.json");
    const certificate = parseCertificate(text);
    expect(`${formatCertificate(certificate)}\n`).toBe(text);
    const verdict = await verifyCertificate(ports, certificate, { logKey });
    expect(verdict).toMatchObject({ ok: true, transferProven: true });
    expect(verdict.ok && verdict.entries.map(({ leaf, event }) => [leaf.type, event === null])).toEqual([
      ["transfer/drafted", false],
      ["transfer/sealed", true],
      ["grant/released", false],
      ["transfer/destroyed", false],
    ]);
  });

  it("the proof file holds for its entry", async () => {
    const proof = known(parseTlogProof(file("entry-4.tlog-proof")));
    const entry = bytesOf(leaves[4]?.leaf ?? "");
    expect((await verifyTlogProof(ports, proof, { entry, logKey }))?.checkpoint.size).toBe(6);
    expect(await verifyTlogProof(ports, proof, { entry: utf8Bytes("another"), logKey })).toBeNull();
  });
});
