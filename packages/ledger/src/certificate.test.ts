import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  base64Text,
  type Bytes,
  parseId,
  type OrganisationId,
  type TransferId,
  utf8Bytes,
} from "@safeconduct/foundation";
import { MemoryTileStore, known } from "@safeconduct/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { canonicalJson, type JsonObject, type JsonValue } from "./canonical-json.ts";
import {
  type Certificate,
  CERTIFICATE_LIMIT_CHARACTERS,
  CERTIFICATE_LIMIT_ENTRIES,
  type CertificateEntry,
  formatCertificate,
  parseCertificate,
} from "./certificate.ts";
import { issueCertificate } from "./certificate-issue.ts";
import { type CertificateFailure, verifyCertificate } from "./certificate-verify.ts";
import { signCheckpoint } from "./checkpoint.ts";
import { type Entry, makeEntry, type ReadableEvent } from "./entry.ts";
import type { EventType } from "./event-types.ts";
import { encodeLeaf } from "./leaf.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { ED25519_KEY, makeVerifierKey, type NoteSigner } from "./note-keys.ts";
import { PROOF_LIMIT_HASHES } from "./proof.ts";

const { sha256, signatures } = nodeCrypto();
const ports = { sha256, signatures };
const organisation = parseId("organisation", "org_aaaaaaaaaaaaaaaaaaaaaaaaae") as OrganisationId;
const ours = parseId("transfer", "trf_aaaaaaaaaaaaaaaaaaaaaaaaae") as TransferId;
const theirs = parseId("transfer", "trf_baaaaaaaaaaaaaaaaaaaaaaaae") as TransferId;
const OUR_SALT = new Uint8Array(32).fill(1);
const THEIR_SALT = new Uint8Array(32).fill(2);
const STORY: EventType[] = [
  "transfer/drafted",
  "grant/added",
  "transfer/sealed",
  "grant/released",
  "transfer/destroyed",
];

interface Row {
  readonly event: ReadableEvent;
  readonly salt: Bytes;
  readonly entry: Entry;
}

const rows: Row[] = STORY.flatMap((type, i) => [row(type, ours, i), row(type, theirs, i)]);
const OUR_INDICES = [0, 2, 4, 6, 8];

function row(type: EventType, transfer: TransferId, i: number): Row {
  const event: ReadableEvent = { type, at: 1_740_000_000_000 + 60_000 * i, transfer, actor: `member ${i}` };
  const salt = sha256(utf8Bytes(`${transfer} ${i}`));
  return {
    event,
    salt,
    entry: makeEntry(sha256, { event, salt, subjectSalt: transfer === ours ? OUR_SALT : THEIR_SALT }),
  };
}

let log: NoteSigner;
let honest: Certificate;

beforeAll(async () => {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  log = { key: makeVerifierKey(sha256, { name: "clinic.example/ledger", type: ED25519_KEY, publicKey }), privateKey };
  const store = new MemoryTileStore();
  const writer = await LedgerWriter.open({ ...ports, store, signer: log });
  const filler = Array.from({ length: 300 }, (_, i) => row("package/downloaded", theirs, i).entry.leafBytes);
  await writer.append([...rows.map(({ entry }) => entry.leafBytes), ...filler]);
  const source = {
    sha256,
    readTile: (path: string) => store.readTile(path),
    size: writer.size,
    checkpointText: writer.checkpointText,
  };
  const entries = OUR_INDICES.map((index) => ({ index, event: at(rows, index).event, salt: at(rows, index).salt }));
  honest = await issueCertificate(source, {
    organisation,
    transfer: ours,
    issuedAt: 1_750_000_000_000,
    subjectSalt: OUR_SALT,
    entries,
  });
});

function at<Item>(items: readonly Item[], index: number): Item {
  return known(items[index]);
}

const verify = (certificate: Certificate) => verifyCertificate(ports, certificate, { logKey: log.key });

/** The honest certificate with one entry changed. */
function withEntry(position: number, change: (entry: CertificateEntry) => Partial<CertificateEntry>): Certificate {
  const entry = at(honest.entries, position);
  return { ...honest, entries: honest.entries.with(position, { ...entry, ...change(entry) }) };
}

describe("a certificate of custody", () => {
  it("tells what happened, offline, from the log's public key alone", async () => {
    const verdict = await verify(parseCertificate(formatCertificate(honest)));
    expect(verdict).toMatchObject({ ok: true, transferProven: true, checkpoint: { size: 310 } });
    const entries = verdict.ok ? verdict.entries : [];
    expect(entries.map(({ leaf }) => leaf.type)).toEqual(STORY);
    expect(entries.map(({ event }) => event?.["actor"])).toEqual(STORY.map((_, i) => `member ${i}`));
  });

  it("still proves an entry whose person was erased", async () => {
    const verdict = await verify(withEntry(1, () => ({ event: null, salt: null })));
    expect(verdict).toMatchObject({ ok: true, transferProven: true });
    expect(verdict.ok && at([...verdict.entries], 1)).toMatchObject({ event: null, leaf: { type: "grant/added" } });
  });

  it("without the subject's salt proves that the entries belong together, and says that it proves no more", async () => {
    expect(await verify({ ...honest, subjectSalt: null })).toMatchObject({ ok: true, transferProven: false });
  });
});

describe("a certificate that does not hold names the first entry that fails", () => {
  it.each<[string, CertificateFailure, number | null, () => Certificate]>([
    [
      "a changed word in an event",
      "event-mismatch",
      2,
      () => withEntry(2, ({ event }) => ({ event: { ...event, actor: "nobody" } })),
    ],
    [
      "a member added to an event",
      "event-mismatch",
      0,
      () => withEntry(0, ({ event }) => ({ event: { ...event, extra: 1 } })),
    ],
    ["another salt", "event-mismatch", 3, () => withEntry(3, () => ({ salt: new Uint8Array(32) }))],
    [
      "the event of a neighbour",
      "event-mismatch",
      1,
      () => withEntry(1, () => ({ event: at(honest.entries, 0).event })),
    ],
    ["an event of another type than its leaf", "event-mismatch", 0, () => forged({ type: "transfer/revoked" })],
    ["an event of another minute than its leaf", "event-mismatch", 0, () => forged({ at: 1_740_000_060_000 })],
    ["an event without a time", "event-mismatch", 0, () => forged({ at: null })],
    ["an entry repeated", "entry-order", 1, () => ({ ...honest, entries: [at(honest.entries, 0), ...honest.entries] })],
    ["two entries swapped", "entry-order", 1, () => ({ ...honest, entries: honest.entries.toReversed() })],
    ["a leaf of no known form", "leaf-malformed", 4, () => withEntry(4, ({ leaf }) => ({ leaf: leaf.with(0, 9) }))],
    ["another index", "not-included", 4, () => withEntry(4, () => ({ index: 9 }))],
    ["an index outside the tree", "not-included", 4, () => withEntry(4, () => ({ index: 310 }))],
    ["a proof cut short", "not-included", 0, () => withEntry(0, ({ proof }) => ({ proof: proof.slice(1) }))],
    [
      "a flipped bit in a proof",
      "not-included",
      2,
      () =>
        withEntry(2, ({ proof: [first = new Uint8Array(32), ...rest] }) => ({
          proof: [first.with(0, (first[0] ?? 0) ^ 1), ...rest],
        })),
    ],
    [
      "a leaf that commits to terms never logged",
      "not-included",
      0,
      () => {
        const { leaf } = at(rows, 0).entry;
        return withEntry(0, () => ({ leaf: encodeLeaf({ ...leaf, termsHash: new Uint8Array(32).fill(5) }) }));
      },
    ],
    ["another transfer's number on it", "subject-mismatch", 0, () => ({ ...honest, transfer: theirs })],
    ["another subject salt", "subject-mismatch", 0, () => ({ ...honest, subjectSalt: THEIR_SALT })],
    [
      "an entry of another transfer among erased ones",
      "subject-mismatch",
      1,
      () => {
        const foreign = { index: 1, event: null, salt: null, leaf: at(rows, 1).entry.leafBytes, proof: [] };
        return { ...honest, subjectSalt: null, entries: [at(honest.entries, 0), foreign] };
      },
    ],
    [
      "a changed tree size",
      "checkpoint-refused",
      null,
      () => ({ ...honest, checkpoint: honest.checkpoint.replace("\n310\n", "\n311\n") }),
    ],
    ["no checkpoint", "checkpoint-refused", null, () => ({ ...honest, checkpoint: "" })],
  ])("%s", async (_, failure, entry, make) => {
    expect(await verify(make())).toEqual({ ok: false, failure, entry });
  });

  /** Event and leaf commitment fit each other, but the leaf's plain fields say something else. */
  function forged(change: JsonObject): Certificate {
    const { event, salt, entry } = at(rows, 0);
    const changed = { ...event, ...change } as ReadableEvent;
    const at0 = { ...changed, at: typeof changed.at === "number" ? changed.at : 0 };
    const made = makeEntry(sha256, { event: at0, salt, subjectSalt: OUR_SALT });
    const leaf = encodeLeaf({ ...made.leaf, type: entry.leaf.type, minute: entry.leaf.minute });
    return withEntry(0, () => ({ event: changed, leaf }));
  }

  it("a checkpoint of another log", async () => {
    const { publicKey, privateKey } = await signatures.generateKeyPair();
    const key = makeVerifierKey(sha256, { name: log.key.name, type: ED25519_KEY, publicKey });
    const checkpoint = await signCheckpoint(
      signatures,
      { origin: key.name, size: 310, root: new Uint8Array(32) },
      { key, privateKey },
    );
    expect(await verify({ ...honest, checkpoint })).toEqual({ ok: false, failure: "checkpoint-refused", entry: null });
  });
});

describe("certificate text", () => {
  const document = (): Record<string, JsonValue> => JSON.parse(formatCertificate(honest)) as Record<string, JsonValue>;
  const first = (): Record<string, JsonValue> => {
    const entries = document()["entries"] as Record<string, JsonValue>[];
    return at(entries, 0);
  };
  const changed = (change: Record<string, JsonValue>) => canonicalJson({ ...document(), ...change });
  const entryChanged = (change: Record<string, JsonValue>) => changed({ entries: [{ ...first(), ...change }] });

  it("comes back, with one newline at its end allowed", () => {
    expect(parseCertificate(formatCertificate(honest))).toEqual(honest);
    expect(parseCertificate(`${formatCertificate(honest)}\n`)).toEqual(honest);
  });

  it.each<[string, () => string]>([
    ["nothing", () => ""],
    ["no object", () => "[]"],
    ["spaces between members", () => JSON.stringify(document(), null, 2)],
    ["two newlines behind", () => `${formatCertificate(honest)}\n\n`],
    ["a member twice", () => formatCertificate(honest).replace('"version":1', '"version":2,"version":1')],
    ["another format", () => changed({ format: "certificate" })],
    ["another version", () => changed({ version: 2 })],
    ["a version in words", () => changed({ version: "1" })],
    ["a member too many", () => changed({ note: "x" })],
    ["no organisation", () => changed({ organisation: null })],
    ["a transfer where the organisation stands", () => changed({ organisation: ours })],
    ["a transfer id in capitals", () => changed({ transfer: ours.toUpperCase() })],
    ["a negative time", () => changed({ issuedAt: -1 })],
    ["a time in words", () => changed({ issuedAt: "2025-06-15T15:06:40Z" })],
    ["no entries", () => changed({ entries: [] })],
    ["entries that are no list", () => changed({ entries: {} })],
    ["a subject salt of 31 bytes", () => changed({ subjectSalt: base64Text(new Uint8Array(31)) })],
    ["a subject salt that is a number", () => changed({ subjectSalt: 0 })],
    ["an entry that is no object", () => changed({ entries: [null] })],
    ["an entry with a member too many", () => entryChanged({ note: 1 })],
    ["a negative index", () => entryChanged({ index: -1 })],
    ["an index in words", () => entryChanged({ index: "0" })],
    ["an event without its salt", () => entryChanged({ salt: null })],
    ["a salt without its event", () => entryChanged({ event: null })],
    ["an event that is a list", () => entryChanged({ event: [] })],
    ["a leaf one byte short", () => entryChanged({ leaf: base64Text(new Uint8Array(137)) })],
    [
      "a leaf in base64url",
      () => entryChanged({ leaf: base64Text(new Uint8Array(138).fill(255)).replaceAll("/", "_") }),
    ],
    ["a proof that is no list", () => entryChanged({ proof: "" })],
    ["a hash of 33 bytes", () => entryChanged({ proof: [base64Text(new Uint8Array(33))] })],
    ["a hash that is a number", () => entryChanged({ proof: [1] })],
  ])("is refused with %s", (_, make) => {
    expect(() => parseCertificate(make())).toThrow(expect.objectContaining({ code: "ledger/certificate-malformed" }));
  });

  it("is read up to its limits", () => {
    const hashes = (count: number) =>
      entryChanged({ proof: Array.from({ length: count }, () => base64Text(new Uint8Array(32))) });
    expect(at(parseCertificate(hashes(PROOF_LIMIT_HASHES - 1)).entries, 0).proof).toHaveLength(PROOF_LIMIT_HASHES - 1);
    expect(at(parseCertificate(hashes(PROOF_LIMIT_HASHES)).entries, 0).proof).toHaveLength(PROOF_LIMIT_HASHES);
    expect(() => parseCertificate(hashes(PROOF_LIMIT_HASHES + 1))).toThrow("not a certificate");

    const small = { ...at(honest.entries, 0), event: null, salt: null, proof: [] };
    const many = (count: number) =>
      formatCertificate({ ...honest, entries: Array.from({ length: count }, () => small) });
    expect(parseCertificate(many(CERTIFICATE_LIMIT_ENTRIES - 1)).entries).toHaveLength(CERTIFICATE_LIMIT_ENTRIES - 1);
    expect(parseCertificate(many(CERTIFICATE_LIMIT_ENTRIES)).entries).toHaveLength(CERTIFICATE_LIMIT_ENTRIES);
    expect(() => parseCertificate(many(CERTIFICATE_LIMIT_ENTRIES + 1))).toThrow("not a certificate");

    const bare = entryChanged({ event: { note: "" } }).length;
    const ofLength = (length: number) => entryChanged({ event: { note: "x".repeat(length - bare) } });
    expect(parseCertificate(ofLength(CERTIFICATE_LIMIT_CHARACTERS - 1)).entries).toHaveLength(1);
    expect(parseCertificate(ofLength(CERTIFICATE_LIMIT_CHARACTERS)).entries).toHaveLength(1);
    expect(() => parseCertificate(ofLength(CERTIFICATE_LIMIT_CHARACTERS + 1))).toThrow("not a certificate");
  });
});
