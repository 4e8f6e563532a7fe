/** Bodies on the wire: their one encoding, their limits, and nothing else. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { BinaryWriter, drawId } from "@safeconduct/foundation";
import { PROOF_LIMIT_HASHES } from "@safeconduct/ledger";
import { describe, expect, it } from "vitest";
import type { ReleaseAuthorisation } from "./authorisation.ts";
import { KEYS_PROBLEM_CODES } from "./errors.ts";
import {
  CHECKPOINT_LIMIT_BYTES,
  ID_LIST_LIMIT,
  REQUEST_LIMIT_BYTES,
  RESPONSE_LIMIT_BYTES,
  SEALED_LIMIT_BYTES,
  TERMS_LIMIT_BYTES,
} from "./limits.ts";
import {
  addGrantRequest,
  addTransferRequest,
  continueLedgerRequest,
  ledgerStateAnswer,
  clockAnswer,
  confirmClockAnswer,
  confirmClockRequest,
  emptyBody,
  namedHoldRequest,
  namedSharesRequest,
  problemAnswer,
  publicKeysAnswer,
  releaseAnswer,
  releaseRequest,
  showLedgerRequest,
  shredAnswer,
  shredRequest,
  statusAnswer,
} from "./messages.ts";

const { random } = nodeCrypto();
const organisation = drawId("organisation", random);
const transfer = drawId("transfer", random);
const grant = drawId("grant", random);

const authorisation: ReleaseAuthorisation = {
  authorisation: drawId("authorisation", random),
  organisation,
  transfer,
  grant,
  session: drawId("session", random),
  asker: "recipient",
  termsHash: random.bytes(32),
  ephemeralKeyHash: random.bytes(32),
  issuedAt: 1,
  expiresAt: 2,
};

/** One value of each body, with its codec tied to it. */
const bodies: Record<string, { encoded: Uint8Array; decode: (encoded: Uint8Array) => unknown; value: unknown }> = {
  "an empty body": body(emptyBody, "empty"),
  "an added transfer": body(addTransferRequest, { organisation, transfer, sealedTransferShare: random.bytes(50) }),
  "an added grant": body(addGrantRequest, {
    organisation,
    transfer,
    grant,
    terms: random.bytes(72),
    sealedGrantShare: random.bytes(50),
  }),
  "a release": body(releaseRequest, {
    authorisation,
    signature: random.bytes(64),
    ephemeralPublicKey: random.bytes(40),
  }),
  "named shares": body(namedSharesRequest, { organisation, transfers: [transfer], grants: [grant, grant] }),
  "a hold": body(namedHoldRequest, { organisation, transfer, hold: drawId("hold", random) }),
  "an ordered destruction": body(shredRequest, {
    named: { organisation, transfers: [transfer], grants: [grant] },
    byTime: null,
  }),
  "a destruction by time": body(shredRequest, {
    named: { organisation, transfers: [], grants: [grant] },
    byTime: { checkpointAt: 1_800_000_000_000 },
  }),
  "a destruction by time before the first checkpoint": body(shredRequest, {
    named: { organisation, transfers: [], grants: [] },
    byTime: { checkpointAt: null },
  }),
  "a clock": body(clockAnswer, {
    state: "settling",
    wall: 5,
    highWaterAt: 4,
    resets: 1,
    custodians: 2,
    confirmed: 1,
    lastedMs: 7,
  }),
  "a confirmation of the clock": body(confirmClockRequest, {
    confirmation: { organisation, custodian: random.bytes(32), resets: 1, time: 5 },
    signature: random.bytes(64),
  }),
  "a confirmation's answer": body(confirmClockAnswer, { missing: 0, statement: random.bytes(40) }),
  "a release's answer": body(releaseAnswer, {
    sealedShares: random.bytes(50),
    releases: 4_294_967_295,
    statement: random.bytes(50),
  }),
  "a destruction's answer": body(shredAnswer, { statements: [random.bytes(3), random.bytes(4)] }),
  "a status": body(statusAnswer, {
    transfers: [
      { state: "unknown", releases: 0 },
      { state: "active", releases: 0 },
    ],
    grants: [
      { state: "suspended", releases: 3 },
      { state: "shredded", releases: 0 },
    ],
  }),
  "public keys": body(publicKeysAnswer, {
    signingPublicKey: random.bytes(32),
    intake: { publicKey: random.bytes(40), notBefore: 1, notAfter: 2, signature: random.bytes(64) },
  }),
  "a ledger as seen": body(ledgerStateAnswer, { verifierKey: "name", checkpoint: "name\n1\n" }),
  "a shown ledger": body(showLedgerRequest, {
    checkpoint: "name\n1\n",
    oldSize: 3,
    proof: [random.bytes(32), random.bytes(32)],
  }),
  "a ledger that goes on": body(continueLedgerRequest, {
    verifierKey: "name",
    checkpoint: "name\n1\n",
    leaf: random.bytes(138),
    index: 7,
    proof: [random.bytes(32)],
  }),
  "a problem": body(problemAnswer, "keys/capped"),
};

function body<Value>(
  codec: { encode(value: Value): Uint8Array; decode(encoded: Uint8Array): Value | null },
  value: Value,
) {
  return { encoded: codec.encode(value), decode: (encoded: Uint8Array) => codec.decode(encoded), value };
}

describe.each(Object.entries(bodies))("%s", (_name, { encoded, decode, value }) => {
  it("comes back from its encoding", () => {
    expect(decode(encoded)).toEqual(value);
  });

  it("is nothing when cut short anywhere, with more behind it, or in another version", () => {
    for (let length = 0; length < encoded.length; length++) expect(decode(encoded.subarray(0, length))).toBeNull();
    expect(decode(Uint8Array.of(...encoded, 0))).toBeNull();
    for (const version of [0, 2, 255]) expect(decode(encoded.with(0, version))).toBeNull();
  });
});

describe("limits", () => {
  it.each([
    [
      "a sealed share",
      SEALED_LIMIT_BYTES,
      (length: number) =>
        addTransferRequest.decode(
          addTransferRequest.encode({ organisation, transfer, sealedTransferShare: new Uint8Array(length) }),
        ),
    ],
    [
      "terms",
      TERMS_LIMIT_BYTES,
      (length: number) =>
        addGrantRequest.decode(
          addGrantRequest.encode({
            organisation,
            transfer,
            grant,
            terms: new Uint8Array(length),
            sealedGrantShare: new Uint8Array(1),
          }),
        ),
    ],
    [
      "an ephemeral key",
      SEALED_LIMIT_BYTES,
      (length: number) =>
        releaseRequest.decode(
          releaseRequest.encode({
            authorisation,
            signature: new Uint8Array(64),
            ephemeralPublicKey: new Uint8Array(length),
          }),
        ),
    ],
    [
      "a checkpoint",
      CHECKPOINT_LIMIT_BYTES,
      (length: number) =>
        showLedgerRequest.decode(showLedgerRequest.encode({ checkpoint: "x".repeat(length), oldSize: 0, proof: [] })),
    ],
    [
      "a proof",
      PROOF_LIMIT_HASHES,
      (length: number) =>
        showLedgerRequest.decode(
          showLedgerRequest.encode({
            checkpoint: "",
            oldSize: 0,
            proof: Array.from({ length }, () => new Uint8Array(32)),
          }),
        ),
    ],
  ])("%s may be as long as its limit and not longer", (_what, limit, read) => {
    expect(read(limit - 1)).not.toBeNull();
    expect(read(limit)).not.toBeNull();
    expect(read(limit + 1)).toBeNull();
  });

  it("a list names as many ids as its limit and not more, and fits into a request and an answer", () => {
    const listOf = (length: number) => ({
      organisation,
      transfers: Array.from({ length }, () => transfer),
      grants: Array.from({ length }, () => grant),
    });
    for (const length of [ID_LIST_LIMIT - 1, ID_LIST_LIMIT]) {
      const encoded = namedSharesRequest.encode(listOf(length));
      expect(encoded.length).toBeLessThanOrEqual(REQUEST_LIMIT_BYTES);
      expect(namedSharesRequest.decode(encoded)).toEqual(listOf(length));
    }
    expect(() => namedSharesRequest.encode(listOf(ID_LIST_LIMIT + 1))).toThrow(RangeError);
    const over = new BinaryWriter()
      .u8(1)
      .fixed(new Uint8Array(16), 16)
      .u16(ID_LIST_LIMIT + 1);
    over.fixed(new Uint8Array(16 * (ID_LIST_LIMIT + 1)), 16 * (ID_LIST_LIMIT + 1)).u16(0);
    expect(namedSharesRequest.decode(over.bytes())).toBeNull();
    const statements = Array.from({ length: 2 * ID_LIST_LIMIT }, () => new Uint8Array(115));
    expect(shredAnswer.encode({ statements }).length).toBeLessThanOrEqual(RESPONSE_LIMIT_BYTES);
  });
});

it("a problem is one of the closed list, and each of them is one", () => {
  for (const code of KEYS_PROBLEM_CODES) expect(problemAnswer.decode(problemAnswer.encode(code))).toBe(code);
  expect(problemAnswer.decode(new BinaryWriter().u8(1).text("keys/else").bytes())).toBeNull();
  expect(problemAnswer.decode(new BinaryWriter().u8(1).text("").bytes())).toBeNull();
});

it("an asker, a cause of destruction and a state of the clock are of closed lists", () => {
  const release = releaseRequest.encode({
    authorisation,
    signature: random.bytes(64),
    ephemeralPublicKey: random.bytes(40),
  });
  for (const asker of [0, 3]) expect(releaseRequest.decode(release.with(1 + 5 * 16, asker))).toBeNull();
  const ordered = shredRequest.encode({ named: { organisation, transfers: [], grants: [] }, byTime: null });
  expect(shredRequest.decode(ordered.with(ordered.length - 9, 2))).toBeNull();
  // An order that names a checkpoint would be a second encoding of the same.
  expect(shredRequest.decode(ordered.with(ordered.length - 1, 1))).toBeNull();
  const clock = clockAnswer.encode({
    state: "steady",
    wall: 5,
    highWaterAt: 4,
    resets: 1,
    custodians: 2,
    confirmed: 1,
    lastedMs: 7,
  });
  for (const state of [0, 5]) expect(clockAnswer.decode(clock.with(1, state))).toBeNull();
});

it("a state beyond the closed list is refused", () => {
  const encoded = statusAnswer.encode({ transfers: [{ state: "shredded", releases: 0 }], grants: [] });
  expect(statusAnswer.decode(encoded.with(3, 4))).toBeNull();
});
