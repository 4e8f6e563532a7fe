/**
 * vectors/keyring/v2 and v3: rings of both versions, a journal with a record of each kind, and the own log's leaves, which
 * must be read for ever. Whole folders are opened in apps/keys/src/golden.test.ts.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, copyBytes, equalBytes, hexBytes, hexText, MalformedBinary } from "@safeconduct/foundation";
import { beforeAll, describe, expect, it } from "vitest";
import { applyJournalRecord, decodeJournalRecord, encodeJournalRecord } from "./journal.ts";
import { LOG_LEAF_BYTES, leafOfDestruction, leafOfRecord } from "./log-leaf.ts";
import { namedHoldRequest, releaseAnswer, shredAnswer } from "./messages.ts";
import { type Ring, RingDraft } from "./ring.ts";
import { decodeRing, encodeRing } from "./ring-encoding.ts";
import { readJournal } from "./sealed-journal.ts";
import { readSealedRing } from "./sealed-ring.ts";
import { openStatement } from "./statement.ts";

const crypto = nodeCrypto();
const GENERATION = 3;

function file(version: string, name: string): Bytes {
  return copyBytes(
    readFileSync(fileURLToPath(new URL(`../../../vectors/keyring/${version}/${name}`, import.meta.url))),
  );
}

const expected = JSON.parse(new TextDecoder().decode(file("v3", "expected.json"))) as Record<string, string>;

function golden(name: string): Bytes {
  return known(hexBytes(expected[name] ?? "-"));
}

function known<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error("a golden value cannot be read");
  return value;
}

async function readFolder(version: string) {
  const master = await crypto.aead.importKey(file(version, `folder/masters/master-${GENERATION}`));
  const ring = await readSealedRing(file(version, "folder/ring")).open(master);
  const { records } = await readJournal(file(version, `folder/journal-${GENERATION}`), {
    master,
    generation: GENERATION,
  });
  return { ring, records };
}

/** Leaves of the folder's own log, in order: an entry bundle is a length of two bytes and the leaf, again and again. */
function ownLog(): readonly Bytes[] {
  const bundle = file("v3", "folder/log/tile/entries/000.p/13");
  const step = 2 + LOG_LEAF_BYTES;
  return Array.from({ length: bundle.length / step }, (_, at) => bundle.slice(at * step + 2, (at + 1) * step));
}

describe.each(["v2", "v3"])("a ring of %s", (version) => {
  let encoded: Bytes;
  let ring: Ring;
  beforeAll(async () => {
    encoded = (await readFolder(version)).ring;
    ring = decodeRing(encoded);
  });

  it("tells of transfers with their holds, of grants with their releases, and of what is destroyed", () => {
    const spoken = [...ring.transfers.values(), ...ring.grants.values()].map((entry) => {
      if (entry.state === "shredded") return `shredded in ${entry.generation}, held ${entry.held}`;
      return "holds" in entry ? `${entry.state}, holds ${entry.holds.length}` : `${entry.state}, ${entry.releases}`;
    });
    expect(spoken.toSorted()).toEqual(
      [
        "active, holds 0",
        "active, holds 2",
        "shredded in 3, held true",
        "shredded in 3, held false",
        "active, 1",
        "suspended, 0",
        "active, 0",
        "shredded in 3, held true",
      ].toSorted(),
    );
  });

  it("tells how far time had come, what was seen of the main ledger, and the intake key", () => {
    expect(ring.clock).toEqual({ highWaterAt: 1_800_000_000_000 + 72 * 3_600_000, jumpedTo: 0, resets: 1 });
    expect(ring.ledger?.verifierKey).toBe(expected["ledgerKey"]);
    expect(ring.ledger?.checkpoint).toMatch(/^example\.test\/golden\n3\n/);
    expect(ring.intakeKeys).toHaveLength(1);
  });

  it("is written anew as version 3 with the same content", () => {
    const again = decodeRing(encodeRing(ring));
    expect(again).toEqual(ring);
    const withoutLog = new Uint8Array(12);
    const written = version === "v3" ? encoded : new Uint8Array([3, ...encoded.slice(1), ...withoutLog]);
    expect(hexText(encodeRing(ring))).toBe(hexText(written));
  });

  it("cut anywhere, or one byte longer, is no ring", () => {
    for (let length = 0; length < encoded.length; length += 7)
      expect(() => decodeRing(encoded.slice(0, length))).toThrow(MalformedBinary);
    expect(() => decodeRing(new Uint8Array([...encoded, 0]))).toThrow(MalformedBinary);
  });
});

describe("a journal", () => {
  it("has a record of each kind, and each has the encoding that it had", async () => {
    const { records } = await readFolder("v3");
    const decoded = records.map(decodeJournalRecord);
    expect([...new Set(decoded.map(({ type }) => type))].toSorted()).toEqual([
      "clock",
      "grant-added",
      "held",
      "hold-lifted",
      "intake-key-added",
      "ledger-seen",
      "released",
      "resumed",
      "suspended",
      "transfer-added",
    ]);
    expect(decoded.map(encodeJournalRecord).map(hexText)).toEqual(records.map(hexText));
    const [, lateHold] = (expected["holds"] as unknown as readonly string[]).map((text) =>
      namedHoldRequest.decode(known(hexBytes(text))),
    );
    expect(decoded.find(({ type }) => type === "held")).toEqual({ type: "held", ...known(lateHold) });
    expect(decoded.find(({ type }) => type === "clock")).toMatchObject({ resets: 1, jumpedTo: 0 });
    const seen = { type: "ledger-seen", verifierKey: expected["ledgerKey"], checkpoint: expected["ledgerCheckpoint"] };
    expect(decoded.findLast(({ type }) => type === "ledger-seen")).toEqual(seen);
  });
});

describe("the own log", () => {
  it("has for the ring's last acts the leaves that the ring tells, and for the journal's those that it brings about", async () => {
    const { ring: encoded, records } = await readFolder("v3");
    const ring = decodeRing(encoded);
    const draft = new RingDraft(ring);
    const leaves = [...ring.log.leaves];
    for (const record of records.map(decodeJournalRecord)) {
      const leaf = leafOfRecord(crypto.sha256, draft, record);
      applyJournalRecord(draft, record);
      if (leaf !== null) leaves.push(leaf);
    }
    expect(leaves.map(hexText)).toEqual(ownLog().slice(ring.log.firstIndex).map(hexText));
  });

  it("is found by whoever has the words: statements of releases and of destructions", async () => {
    const { statements } = known(shredAnswer.decode(golden("shred")));
    const { statement: released } = known(releaseAnswer.decode(golden("released")));
    const isOf = (words: Bytes) => (leaf: Bytes) => equalBytes(leaf.slice(2, 34), crypto.sha256(words));
    const places = [released, ...statements].map((words) => ownLog().findIndex(isOf(words)));
    expect(places[0]).toBe(0);
    expect(places).not.toContain(-1);
    const ring = decodeRing((await readFolder("v3")).ring);
    for (const statement of statements) {
      const leaf = leafOfDestruction(crypto.sha256, new RingDraft(ring), statement);
      expect(ring.log.leaves.map(hexText)).toContain(hexText(leaf));
    }
  });
});

it("a statement that the clock was set right still holds", async () => {
  const publicKey = golden("signingPublicKey");
  const statement = await openStatement(crypto.signatures, { publicKey, signed: golden("clockReset") });
  expect(statement).toMatchObject({ kind: "clock-reset", resets: 1, at: 1_800_000_000_000 + 72 * 3_600_000 });
});
