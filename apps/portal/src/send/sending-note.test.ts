import { copyBytes, utf8Bytes } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { decodeBegun, decodePart, decodeSealed, encodeNote } from "./sending-note.ts";

/** As version 1 wrote them; they must be read for ever. */
const id = (prefix: string): string => `${prefix}_${"a".repeat(26)}`;
const SECRET = "A".repeat(43);
const GOLDEN_BEGUN = {
  version: 1,
  known: [{ name: "study/1.dcm", sizeBytes: 10, modifiedAt: 1_795_000_000_000 }],
  begun: {
    organisation: id("org"),
    device: id("dev"),
    transfer: id("trf"),
    packageKey: SECRET,
    transferShare: SECRET,
    files: [{ id: id("fil"), path: "study/1.dcm", mediaType: "application/dicom", sizeBytes: 10 }],
    headers: "AAAA",
    purpose: "TREAT",
    profile: "downloadable",
    handling: "regulated",
    recipients: [
      {
        address: "a@example.org",
        name: null,
        organisation: null,
        secondFactor: { kind: "passcode", passcode: "7K3QX-9MPA2" },
      },
      { address: "b@example.org", name: "Bo", secondFactor: null },
      { address: "c@example.org", name: null, language: "es", secondFactor: null },
    ],
    notBefore: 0,
    lifeMs: 172_800_000,
    endsAt: 1_795_000_000_000,
    releaseCap: 0,
  },
};
const GOLDEN_PART = { version: 1, part: { number: 3, sizeBytes: 8_388_608, sha256: SECRET, proof: "AAAA" } };
/** Before there were layouts. */
const EARLIER_PART = { version: 1, part: { number: 3, sizeBytes: 8_388_608, sha256: SECRET, filesSha256: SECRET } };
const bytes = (value: unknown) => copyBytes(utf8Bytes(JSON.stringify(value)));
const text = (encoded: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(encoded));

describe("a note of an unfinished sending", () => {
  it("of version 1 is read, and written as it was", () => {
    const begun = decodeBegun(bytes(GOLDEN_BEGUN));
    expect(begun?.begun.packageKey).toEqual(new Uint8Array(32));
    expect(begun && text(encodeNote(begun))).toEqual(GOLDEN_BEGUN);
    const part = decodePart(bytes(GOLDEN_PART));
    expect(part && text(encodeNote({ part }))).toEqual(GOLDEN_PART);
    expect(decodePart(bytes(EARLIER_PART))?.proof).toEqual(new Uint8Array(32));
  });

  it("keeps what is asked of recipients, so that a sending that goes on asks the same", () => {
    const asked = { closesOnReceipt: true, conditions: { mayStore: true, deleteByDays: 30 } };
    const note = { ...GOLDEN_BEGUN, begun: { ...GOLDEN_BEGUN.begun, ...asked } };
    const read = decodeBegun(bytes(note));
    expect(read?.begun).toMatchObject(asked);
    expect(read && text(encodeNote(read))).toEqual(note);
  });

  it.each([
    ["of another version", { ...GOLDEN_BEGUN, version: 2 }],
    ["with something more", { ...GOLDEN_BEGUN, more: 1 }],
    ["with a short key", { ...GOLDEN_BEGUN, begun: { ...GOLDEN_BEGUN.begun, packageKey: "AAAA" } }],
    ["with fewer sources than files", { ...GOLDEN_BEGUN, known: [] }],
    [
      "with a language that there is not",
      {
        ...GOLDEN_BEGUN,
        begun: { ...GOLDEN_BEGUN.begun, recipients: [{ ...GOLDEN_BEGUN.begun.recipients[1], language: "de" }] },
      },
    ],
    ["that is a part", GOLDEN_PART],
    ["that is nothing", null],
  ])("%s is not a beginning", (_, value) => {
    expect(decodeBegun(bytes(value))).toBeNull();
  });

  it.each([
    { mayStore: false, deleteByDays: 1 },
    { mayStore: true, deleteByDays: 0 },
    { mayStore: true, deleteByDays: 3651 },
    { mayStore: true },
  ])("with conditions that cannot be is not a beginning: %j", (conditions) => {
    expect(decodeBegun(bytes({ ...GOLDEN_BEGUN, begun: { ...GOLDEN_BEGUN.begun, conditions } }))).toBeNull();
  });

  it("that was cut or is no text at all is nothing", () => {
    expect(decodeBegun(bytes(GOLDEN_BEGUN).subarray(0, -1))).toBeNull();
    expect(decodePart(new Uint8Array([255, 254]))).toBeNull();
    expect(decodeSealed(new Uint8Array(0))).toBeNull();
    expect(decodeSealed(bytes({ version: 1, isSent: true, seal: { body: {}, sent: {} } }))).toBeNull();
  });
});
