/** What is signed: authorisations, statements, requests and answers; bound, alive, and never one for another. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, drawId } from "@safeconduct/foundation";
import { beforeAll, describe, expect, it } from "vitest";
import {
  AUTHORISATION_LIFE_LIMIT_MS,
  acceptsAuthorisation,
  CLOCK_SKEW_LIMIT_MS,
  type ReleaseAuthorisation,
  signAuthorisation,
} from "./authorisation.ts";
import { REQUEST_WINDOW_MS, signRequest, signResponse, verifyRequest, verifyResponse } from "./channel.ts";
import { NonceMemory } from "./nonce-memory.ts";
import { type KeyStatement, openStatement, signStatement } from "./statement.ts";

const crypto = nodeCrypto();
const { random, signatures } = crypto;
let signer: { publicKey: Bytes; privateKey: Bytes };
let other: { publicKey: Bytes; privateKey: Bytes };
beforeAll(async () => {
  signer = await signatures.generateKeyPair();
  other = await signatures.generateKeyPair();
});

const NOW = 1_800_000_000_000;
const organisation = drawId("organisation", random);
const transfer = drawId("transfer", random);
const grant = drawId("grant", random);

const bound: ReleaseAuthorisation = {
  authorisation: drawId("authorisation", random),
  organisation,
  transfer,
  grant,
  session: drawId("session", random),
  asker: "recipient",
  termsHash: random.bytes(32),
  ephemeralKeyHash: random.bytes(32),
  issuedAt: NOW,
  expiresAt: NOW + AUTHORISATION_LIFE_LIMIT_MS,
};

describe("a release authorisation", () => {
  const audience = random.bytes(32);

  async function accepts(
    changed: Partial<ReleaseAuthorisation>,
    {
      now = NOW,
      shown = {},
      by = signer,
    }: { now?: number; shown?: Partial<ReleaseAuthorisation>; by?: typeof signer } = {},
  ): Promise<boolean> {
    const authorisation = { ...bound, ...changed };
    const signature = await signAuthorisation(signatures, { apiPrivateKey: by.privateKey, audience, authorisation });
    const asked = { apiPublicKey: signer.publicKey, audience, signature, now };
    return acceptsAuthorisation(signatures, { ...asked, authorisation: { ...authorisation, ...shown } });
  }

  it("is accepted as it was signed", async () => {
    expect(await accepts({})).toBe(true);
  });

  it("is refused from another signer and at another key service", async () => {
    expect(await accepts({}, { by: other })).toBe(false);
    const signature = await signAuthorisation(signatures, {
      apiPrivateKey: signer.privateKey,
      audience,
      authorisation: bound,
    });
    const elsewhere = {
      apiPublicKey: signer.publicKey,
      audience: random.bytes(32),
      authorisation: bound,
      signature,
      now: NOW,
    };
    expect(await acceptsAuthorisation(signatures, elsewhere)).toBe(false);
  });

  it.each([
    ["authorisation", drawId("authorisation", random)],
    ["organisation", drawId("organisation", random)],
    ["transfer", drawId("transfer", random)],
    ["grant", drawId("grant", random)],
    ["session", drawId("session", random)],
    ["termsHash", random.bytes(32)],
    ["ephemeralKeyHash", random.bytes(32)],
    ["issuedAt", NOW + 1],
    ["expiresAt", NOW + 1],
  ])("is refused with another %s", async (field, value) => {
    expect(await accepts({}, { shown: { [field]: value } })).toBe(false);
  });

  it("lives to its last millisecond and not longer", async () => {
    const life = AUTHORISATION_LIFE_LIMIT_MS;
    expect(await accepts({}, { now: NOW + life - 1 })).toBe(true);
    expect(await accepts({}, { now: NOW + life })).toBe(false);
  });

  it.each([
    ["a life of the limit", { expiresAt: NOW + AUTHORISATION_LIFE_LIMIT_MS }, true],
    ["a longer life", { expiresAt: NOW + AUTHORISATION_LIFE_LIMIT_MS + 1 }, false],
    ["no life", { expiresAt: NOW }, false],
    ["a life backwards", { issuedAt: NOW + 2, expiresAt: NOW + 1 }, false],
    ["a start as far ahead as clocks may differ", { issuedAt: NOW + CLOCK_SKEW_LIMIT_MS }, true],
    ["a start farther ahead", { issuedAt: NOW + CLOCK_SKEW_LIMIT_MS + 1 }, false],
  ])("with %s is accepted: %s", async (_what, changed, accepted) => {
    expect(await accepts({ expiresAt: NOW + AUTHORISATION_LIFE_LIMIT_MS, ...changed })).toBe(accepted);
  });
});

const { asker: _asker, issuedAt: _issuedAt, expiresAt: _expiresAt, ...facts } = bound;
const statements: readonly KeyStatement[] = [
  { kind: "release", ...facts, releases: 3, at: NOW },
  { kind: "transfer-shred", organisation, transfer, held: true, generation: 9, at: NOW },
  { kind: "grant-shred", organisation, grant, held: false, generation: 9, at: NOW },
  {
    kind: "clock-reset",
    organisation,
    custodians: [random.bytes(32), random.bytes(32)],
    resets: 1,
    highWaterAt: NOW + 9,
    at: NOW,
  },
];

describe.each(statements)("a statement of $kind", (statement) => {
  it("is read with the key that signed it and with no other", async () => {
    const signed = await signStatement(signatures, { privateKey: signer.privateKey, statement });
    expect(await openStatement(signatures, { publicKey: signer.publicKey, signed })).toEqual(statement);
    expect(await openStatement(signatures, { publicKey: other.publicKey, signed })).toBeNull();
  });

  it("is nothing with any bit flipped, cut short or with more behind it", async () => {
    const { publicKey, privateKey } = signer;
    const signed = await signStatement(signatures, { privateKey, statement });
    for (let at = 0; at < signed.length; at++) {
      const flipped = signed.with(at, (signed[at] ?? 0) ^ (1 << (at % 8)));
      expect(await openStatement(signatures, { publicKey, signed: flipped })).toBeNull();
    }
    for (const length of [0, 1, 63, 64, 65, signed.length - 1]) {
      expect(await openStatement(signatures, { publicKey, signed: signed.slice(0, length) })).toBeNull();
    }
    expect(await openStatement(signatures, { publicKey, signed: Uint8Array.of(...signed, 0) })).toBeNull();
  });
});

describe("the channel's signatures", () => {
  const request = {
    audience: random.bytes(32),
    method: "POST",
    path: "/v1/release",
    nonce: random.bytes(16),
    time: NOW,
    body: random.bytes(9),
  };
  const response = { nonce: random.bytes(16), status: 200, body: random.bytes(9) };

  it.each([
    ["audience", random.bytes(32)],
    ["method", "GET"],
    ["path", "/v1/shred"],
    ["nonce", random.bytes(16)],
    ["time", NOW + 1],
    ["body", random.bytes(9)],
  ])("bind a request's %s", async (field, value) => {
    const signature = await signRequest(crypto, signer.privateKey, request);
    expect(await verifyRequest(crypto, signer.publicKey, request, signature)).toBe(true);
    expect(await verifyRequest(crypto, signer.publicKey, { ...request, [field]: value }, signature)).toBe(false);
  });

  it.each([
    ["nonce", random.bytes(16)],
    ["status", 503],
    ["body", random.bytes(9)],
  ])("bind an answer's %s", async (field, value) => {
    const signature = await signResponse(crypto, signer.privateKey, response);
    expect(await verifyResponse(crypto, signer.publicKey, response, signature)).toBe(true);
    expect(await verifyResponse(crypto, signer.publicKey, { ...response, [field]: value }, signature)).toBe(false);
  });
});

describe("the memory of nonces", () => {
  const nonce = random.bytes(16);
  const LONG_AGO = { wall: NOW - 3_600_000, elapsed: -3_600_000 };

  it("takes requests to the edge of the window, before and behind", () => {
    for (const away of [-REQUEST_WINDOW_MS, REQUEST_WINDOW_MS]) {
      const accept = (time: number) => new NonceMemory(LONG_AGO).accept({ nonce, time, now: NOW, elapsed: 0 });
      expect(accept(NOW + away)).toBe("fresh");
      expect(accept(NOW + away + Math.sign(away))).toBe("stale");
    }
  });

  it("remembers a nonce for as long as its time could be accepted", () => {
    const memory = new NonceMemory(LONG_AGO);
    const time = NOW + REQUEST_WINDOW_MS;
    const accept = (now: number) => memory.accept({ nonce, time, now, elapsed: now - NOW });
    expect(accept(NOW)).toBe("fresh");
    for (const now of [NOW, NOW + REQUEST_WINDOW_MS, time + REQUEST_WINDOW_MS]) expect(accept(now)).toBe("replayed");
    expect(accept(time + REQUEST_WINDOW_MS + 1)).toBe("stale");
  });

  it("is not cut short by a clock that jumps ahead and is put back", () => {
    const memory = new NonceMemory(LONG_AGO);
    expect(memory.accept({ nonce, time: NOW, now: NOW, elapsed: 0 })).toBe("fresh");
    const later = NOW + 3_600_000;
    expect(memory.accept({ nonce: random.bytes(16), time: later, now: later, elapsed: 1 })).toBe("fresh");
    expect(memory.accept({ nonce, time: NOW, now: NOW, elapsed: 2 })).toBe("replayed");
  });

  it("of a process that has just started takes nothing that was signed before", () => {
    const memory = new NonceMemory({ wall: NOW, elapsed: 500 });
    const accept = (time: number, now: number, elapsed: number) =>
      memory.accept({ nonce: random.bytes(16), time, now, elapsed });
    expect(accept(NOW - 1, NOW, 500)).toBe("stale");
    expect(accept(NOW, NOW, 500)).toBe("fresh");
    expect(accept(NOW - 1, NOW + REQUEST_WINDOW_MS - 1, 500 + REQUEST_WINDOW_MS - 1)).toBe("stale");
    // A clock that is put back shuts nobody out.
    expect(accept(NOW - 600_000, NOW - 600_000, 600)).toBe("fresh");
    expect(accept(NOW - 1, NOW, 500 + 2 * REQUEST_WINDOW_MS)).toBe("stale");
    expect(accept(NOW - 1, NOW, 501 + 2 * REQUEST_WINDOW_MS)).toBe("fresh");
  });

  it("refuses what it could not remember and takes more when old ones have gone", () => {
    const memory = new NonceMemory(LONG_AGO, 2);
    const accept = (now: number) => memory.accept({ nonce: random.bytes(16), time: now, now, elapsed: now - NOW });
    expect([accept(NOW), accept(NOW), accept(NOW)]).toEqual(["fresh", "fresh", "full"]);
    expect(accept(NOW + 2 * REQUEST_WINDOW_MS)).toBe("full");
    expect(accept(NOW + 2 * REQUEST_WINDOW_MS + 1)).toBe("fresh");
  });
});
