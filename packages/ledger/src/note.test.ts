import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64Text, type Bytes, concatBytes, utf8Bytes } from "@safeconduct/foundation";
import { known } from "@safeconduct/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { type Checkpoint, formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import {
  cosignNote,
  formatNote,
  NOTE_LIMIT_CHARACTERS,
  NOTE_LIMIT_SIGNATURES,
  type Note,
  parseNote,
  signNote,
  verifyNote,
} from "./note.ts";
import {
  COSIGNATURE_KEY,
  ED25519_KEY,
  formatSignerKey,
  formatVerifierKey,
  KEY_NAME_LIMIT_CHARACTERS,
  makeVerifierKey,
  type NoteSigner,
  type NoteKeyType,
  parseSignerKey,
  parseVerifierKey,
  type VerifierKey,
} from "./note-keys.ts";

const { sha256, signatures } = nodeCrypto();

/** The example of the package documentation of golang.org/x/mod/sumdb/note. */
const GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_NOTE = `${GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

const goKey = parseVerifierKey(sha256, GO_VKEY) as VerifierKey;

async function signer(name: string, type: NoteKeyType = ED25519_KEY): Promise<NoteSigner> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  return { key: makeVerifierKey(sha256, { name, type, publicKey }), privateKey };
}

describe("note keys", () => {
  it("are those of Go's note package", () => {
    expect(formatVerifierKey(goKey)).toBe(GO_VKEY);
    const { name, type, keyId, privateKey } = known(parseSignerKey(GO_SKEY));
    expect({ name, type, keyId }).toEqual({ name: goKey.name, type: goKey.type, keyId: goKey.keyId });
    expect(formatSignerKey({ key: goKey, privateKey })).toBe(GO_SKEY);
  });

  it.each([
    ["another name", GO_VKEY.replace("Peter", "Pater")],
    ["another id", GO_VKEY.replace("c74f20a3", "c74f20a4")],
    ["an id in capitals", GO_VKEY.replace("c74f20a3", "C74F20A3")],
    ["an id too short", GO_VKEY.replace("c74f20a3", "74f20a3")],
    ["another key", GO_VKEY.replace("ARpc", "ARpd")],
    ["a type not known", `PeterNeumann+c74f20a3+${base64Text(new Uint8Array(33).fill(2))}`],
    ["a key too short", `PeterNeumann+c74f20a3+${base64Text(new Uint8Array(32).fill(1))}`],
    ["no name", GO_VKEY.slice("PeterNeumann".length)],
    ["a space in the name", GO_VKEY.replace("PeterN", "Peter N")],
    ["a newline behind", `${GO_VKEY}\n`],
    ["the secret key", GO_SKEY],
    ["nothing", ""],
  ])("are refused with %s", (_, text) => {
    expect(parseVerifierKey(sha256, text)).toBeNull();
  });

  it("secret ones are refused without their mark", () => {
    expect(parseSignerKey(GO_VKEY)).toBeNull();
    expect(parseSignerKey(GO_SKEY.slice(0, -4))).toBeNull();
  });

  it("take names up to their limit, and none that a signature line could not carry", () => {
    const publicKey = goKey.publicKey;
    const key = (name: string) => makeVerifierKey(sha256, { name, type: ED25519_KEY, publicKey });
    for (const length of [1, KEY_NAME_LIMIT_CHARACTERS - 1, KEY_NAME_LIMIT_CHARACTERS]) {
      expect(key("n".repeat(length)).name.length).toBe(length);
    }
    const bad = [
      "",
      "n".repeat(KEY_NAME_LIMIT_CHARACTERS + 1),
      "a b",
      "a+b",
      "a\u00a0b",
      "a\u2003b",
      "a\nb",
      "a\u0085b",
      "a\u007fb",
      "\ud800",
    ];
    for (const name of bad) expect(() => key(name)).toThrow(RangeError);
  });
});

describe("signed notes", () => {
  it("of Go's documentation verify, and come out the same when signed here", async () => {
    const note = known(parseNote(GO_NOTE));
    expect(note.text).toBe(GO_TEXT);
    expect(await verifyNote(signatures, note, [goKey])).toEqual([{ key: goKey, timestamp: null }]);
    const { privateKey } = known(parseSignerKey(GO_SKEY));
    expect(formatNote(await signNote(signatures, GO_TEXT, { key: goKey, privateKey }))).toBe(GO_NOTE);
  });

  it("fall as a whole when a known key's line is false, even beside true ones", async () => {
    const log = await signer("log.example");
    const note = await signNote(signatures, "text\n", log);
    const line = known(note.signatures[0]);
    const forged = { ...line, signature: line.signature.with(0, (line.signature[0] ?? 0) ^ 1) };
    expect(await verifyNote(signatures, { ...note, signatures: [line, forged] }, [log.key])).toBeNull();
  });

  it("are not trusted without a line of a known key; lines of other keys do no harm", async () => {
    const log = await signer("log.example");
    const sameName = await signer("log.example");
    const stranger = await signer("stranger.example");
    const note = await signNote(signatures, "text\n", log);
    const other = await signNote(signatures, "other text\n", stranger);
    const both: Note = { ...note, signatures: [...other.signatures, ...note.signatures] };
    expect(await verifyNote(signatures, both, [log.key])).toHaveLength(1);
    expect(await verifyNote(signatures, both, [sameName.key])).toBeNull();
    expect(await verifyNote(signatures, both, [])).toBeNull();
  });

  it("count one key once", async () => {
    const log = await signer("log.example");
    const note = await signNote(signatures, "text\n", log);
    const twice = { ...note, signatures: [...note.signatures, ...note.signatures] };
    expect(await verifyNote(signatures, twice, [log.key])).toHaveLength(1);
  });

  it("may hold blank lines in their text", async () => {
    const log = await signer("log.example");
    const note = await signNote(signatures, "one\n\n\ntwo\n", log);
    expect(parseNote(formatNote(note))).toEqual(note);
  });

  const line = "— a AAAAAAA=\n";
  it.each([
    ["no signature", "text\n\n"],
    ["no blank line", `text\n${line}`],
    ["no newline at the end", `text\n\n${line.trimEnd()}`],
    ["a hyphen for the dash", "text\n\n- a AAAAAAA=\n"],
    ["two spaces", "text\n\n—  a AAAAAAA=\n"],
    ["no name", "text\n\n— AAAAAAA=\n"],
    ["a plus in a name", "text\n\n— a+b AAAAAAA=\n"],
    ["a no-break space in a name", "text\n\n— a\u00a0b AAAAAAA=\n"],
    ["something behind the signature", "text\n\n— a AAAAAAA= \n"],
    ["base64 without padding", "text\n\n— a AAAAAAA\n"],
    ["base64 with stray bits", "text\n\n— a AAAAAAB=\n"],
    ["a key id and no signature", "text\n\n— a AAAAAA==\n"],
    ["a carriage return", `text\r\n\n${line}`],
    ["a tab", `te\txt\n\n${line}`],
    ["a null", `te\0xt\n\n${line}`],
    ["a lone surrogate", `te\ud800xt\n\n${line}`],
    ["a blank line among the signatures", `text\n\n${line}\n${line}x`],
    ["nothing", ""],
  ])("are not parsed with %s", (_, text) => {
    expect(parseNote(text)).toBeNull();
  });

  it("are parsed up to their limits", () => {
    const lines = (count: number) => `text\n\n${line.repeat(count)}`;
    expect(parseNote(lines(NOTE_LIMIT_SIGNATURES - 1))?.signatures).toHaveLength(NOTE_LIMIT_SIGNATURES - 1);
    expect(parseNote(lines(NOTE_LIMIT_SIGNATURES))?.signatures).toHaveLength(NOTE_LIMIT_SIGNATURES);
    expect(parseNote(lines(NOTE_LIMIT_SIGNATURES + 1))).toBeNull();
    const ofLength = (length: number) => `${"x".repeat(length - 2 - line.length)}\n\n${line}`;
    expect(parseNote(ofLength(NOTE_LIMIT_CHARACTERS - 1))).not.toBeNull();
    expect(parseNote(ofLength(NOTE_LIMIT_CHARACTERS))).not.toBeNull();
    expect(parseNote(ofLength(NOTE_LIMIT_CHARACTERS + 1))).toBeNull();
  });
});

describe("checkpoints", () => {
  const root = new Uint8Array(32).fill(9);
  let log: NoteSigner;
  let checkpoint: Checkpoint;
  let signed: string;

  beforeAll(async () => {
    log = await signer("clinic.example/ledger");
    checkpoint = { origin: "clinic.example/ledger", size: 42, root };
    signed = await signCheckpoint(signatures, checkpoint, log);
  });

  it("come back when their log signed them", async () => {
    expect((await openCheckpoint(signatures, signed, { logKey: log.key }))?.checkpoint).toEqual(checkpoint);
  });

  it("are the three lines of the specification", () => {
    expect(formatCheckpoint(checkpoint)).toBe(`clinic.example/ledger\n42\n${base64Text(root)}\n`);
  });

  it.each([
    ["no origin", `\n1\n${base64Text(root)}\n`],
    ["a size with a leading zero", `o\n01\n${base64Text(root)}\n`],
    ["a negative size", `o\n-1\n${base64Text(root)}\n`],
    ["a size in hex", `o\n0x1\n${base64Text(root)}\n`],
    ["no size", `o\n\n${base64Text(root)}\n`],
    ["a size over 2^53 − 1", `o\n9007199254740992\n${base64Text(root)}\n`],
    ["a root of 31 bytes", `o\n1\n${base64Text(root.slice(1))}\n`],
    ["a root in base64url", `o\n1\n${base64Text(new Uint8Array(32).fill(255)).replaceAll("/", "_")}\n`],
    ["an extension line", `o\n1\n${base64Text(root)}\nextension\n`],
    ["a fourth empty line", `o\n1\n${base64Text(root)}\n\n`],
    ["no newline at the end", `o\n1\n${base64Text(root)}`],
    ["a space behind the size", `o\n1 \n${base64Text(root)}\n`],
  ])("are not parsed with %s", (_, text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });

  it("are parsed up to a size of 2^53 − 1, zero included", () => {
    for (const size of [0, 2 ** 53 - 2, 2 ** 53 - 1]) {
      expect(parseCheckpoint(formatCheckpoint({ ...checkpoint, size }))?.size).toBe(size);
    }
  });

  it.each<[string, (text: string) => string]>([
    ["another size", (text) => text.replace("\n42\n", "\n43\n")],
    ["another origin", (text) => text.replace("clinic.example/ledger\n42", "clinic.example/other\n42")],
    ["another root", (text) => text.replace(base64Text(root), base64Text(root.with(0, 8)))],
    ["no signature", (text) => text.slice(0, text.indexOf("—"))],
    ["a signature under another name", (text) => text.replace("— clinic", "— clinik")],
    ["something behind", (text) => `${text} `],
  ])("are refused with %s", async (_, damage) => {
    expect(damage(signed)).not.toBe(signed);
    expect(await openCheckpoint(signatures, damage(signed), { logKey: log.key })).toBeNull();
  });

  it("are refused with any character of the signature changed", async () => {
    const at = signed.lastIndexOf(" ") + 1;
    for (let i = at; i < signed.length - 1; i++) {
      const damaged = `${signed.slice(0, i)}${signed[i] === "A" ? "B" : "A"}${signed.slice(i + 1)}`;
      expect(await openCheckpoint(signatures, damaged, { logKey: log.key })).toBeNull();
    }
  });

  it("of another log are refused although a trusted key signed them", async () => {
    const text = formatNote(
      await signNote(signatures, formatCheckpoint({ ...checkpoint, origin: "other.example" }), log),
    );
    expect(await openCheckpoint(signatures, text, { logKey: log.key })).toBeNull();
  });

  it("are not signed under a foreign origin", async () => {
    await expect(signCheckpoint(signatures, { ...checkpoint, origin: "other.example" }, log)).rejects.toThrow(
      RangeError,
    );
  });

  describe("with a witness", () => {
    let witness: NoteSigner;
    let cosigned: string;

    beforeAll(async () => {
      witness = await signer("witness.example/w1", COSIGNATURE_KEY);
      const note = known(parseNote(signed));
      const line = await cosignNote(signatures, { text: note.text, timestamp: 1_740_000_000, signer: witness });
      cosigned = formatNote({ ...note, signatures: [...note.signatures, line] });
    });

    it("say who saw them when", async () => {
      const opened = await openCheckpoint(signatures, cosigned, { logKey: log.key, witnesses: [witness.key] });
      expect(opened?.witnesses).toEqual([{ key: witness.key, timestamp: 1_740_000_000 }]);
    });

    it("stand without it for those who ask for no witness", async () => {
      const opened = await openCheckpoint(signatures, cosigned, { logKey: log.key });
      expect(opened).toEqual({ checkpoint, witnesses: [] });
    });

    it("are refused when only the witness signed", async () => {
      const note = known(parseNote(cosigned));
      const text = formatNote({ ...note, signatures: note.signatures.slice(1) });
      expect(await openCheckpoint(signatures, text, { logKey: log.key, witnesses: [witness.key] })).toBeNull();
    });

    it("are refused with another time, a cut cosignature or a time beyond all times", async () => {
      const note = known(parseNote(cosigned));
      const own = known(note.signatures[0]);
      const line = known(note.signatures[1]);
      const damaged: Bytes[] = [
        line.signature.with(7, (line.signature[7] ?? 0) ^ 1),
        line.signature.slice(0, -1),
        concatBytes(line.signature, Uint8Array.of(0)),
        line.signature.with(0, 0xff),
        line.signature.slice(8),
      ];
      for (const signature of damaged) {
        const text = formatNote({ ...note, signatures: [own, { ...line, signature }] });
        expect(await openCheckpoint(signatures, text, { logKey: log.key, witnesses: [witness.key] })).toBeNull();
      }
    });

    it("do not take a log's signature for a witness's", async () => {
      const sameKey = makeVerifierKey(sha256, { ...log.key, type: COSIGNATURE_KEY });
      expect(sameKey.keyId).not.toBe(log.key.keyId);
      const signature = await signatures.sign(log.privateKey, utf8Bytes(formatCheckpoint(checkpoint)));
      const note = known(parseNote(signed));
      const line = { name: sameKey.name, keyId: sameKey.keyId, signature: concatBytes(new Uint8Array(8), signature) };
      const text = formatNote({ ...note, signatures: [...note.signatures, line] });
      expect(await openCheckpoint(signatures, text, { logKey: log.key, witnesses: [sameKey] })).toBeNull();
    });
  });
});
