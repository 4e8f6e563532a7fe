/** A server that lies to a recipient's client: whatever it swaps, changes or withholds, nothing that the sender did not send opens. */
import { parseLink } from "@safeconduct/client";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  decodeSealRecord,
  decodeTerms,
  encodeSealRecord,
  encodeTerms,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  openRelease,
  openSlot,
  planPackage,
  releaseContext,
  signSeal,
  startPackage,
  termsHash,
} from "@safeconduct/envelope";
import { base64UrlBytes, base64UrlText, type Bytes, concatBytes, drawId, equalBytes } from "@safeconduct/foundation";
import { type Desk, ExchangeScene, known, REPORT, type SealedTransfer, sealedTransfer } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { blobOf, honestAnswer, openAgainst, readAll, type ReleaseAnswer, served } from "./hostile-answers.ts";

const RECIPIENT = { address: "specialist@hospital.example", name: null };
const COLLUDER = { address: "colluder@hospital.example", name: null };
const NOT_GENUINE = { code: "client/not-genuine" };
const CANNOT_OPEN = { code: "envelope/cannot-open" };

let scene: ExchangeScene;
let desk: Desk;
let sent: SealedTransfer;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto: nodeCrypto() });
  desk = await scene.desk();
  sent = await sealedTransfer(scene, desk, { recipients: [RECIPIENT, COLLUDER] });
});

test("an honest server's answer opens, so what follows fails for its own reason", async () => {
  expect(await readAll(await openAgainst(scene, sent))).toEqual([REPORT]);
});

describe("an answer that is put together from several", () => {
  const FIELDS = ["slot", "sealedShares", "sealRecord", "sealSignature", "terms", "transfer", "organisation"] as const;

  test.for(FIELDS)("%s of another transfer of the same sender to the same recipient is refused", async (field) => {
    const other = await sealedTransfer(scene, await scene.desk(), { recipients: [RECIPIENT] });
    const same = await sealedTransfer(scene, desk, { recipients: [RECIPIENT] });
    const source = field === "organisation" ? other : same;
    const opening = openAgainst(scene, sent, {
      answer: async (_key, honest) => ({ ...(await honest(sent.grant)), [field]: (await honest(source.grant))[field] }),
    });
    await expect(opening).rejects.toMatchObject(NOT_GENUINE);
  });

  test.for(["slot", "sealedShares", "terms"] as const)("%s of another recipient is refused", async (field) => {
    const opening = openAgainst(scene, sent, {
      answer: async (_key, honest) => ({
        ...(await honest(sent.grant)),
        [field]: (await honest(known(sent.grants[1])))[field],
      }),
    });
    await expect(opening).rejects.toMatchObject(NOT_GENUINE);
  });

  test("the whole answer for another transfer is refused, also when it is renamed", async () => {
    const other = await sealedTransfer(scene, desk, { recipients: [RECIPIENT] });
    const whole = openAgainst(scene, sent, { answer: (_key, honest) => honest(other.grant) });
    await expect(whole).rejects.toMatchObject(NOT_GENUINE);
    const renamed = openAgainst(scene, sent, {
      answer: async (_key, honest) => ({ ...(await honest(other.grant)), grant: sent.grant, transfer: sent.id }),
    });
    await expect(renamed).rejects.toMatchObject(NOT_GENUINE);
  });

  test("a release that was recorded earlier, for another device, is refused", async () => {
    let recorded: ReleaseAnswer | null = null;
    await openAgainst(scene, sent, { answer: async (_key, honest) => (recorded = await honest(sent.grant)) });
    const replayed = openAgainst(scene, sent, { answer: async () => known(recorded ?? undefined) });
    await expect(replayed).rejects.toMatchObject(NOT_GENUINE);
  });
});

test("a server that asks with a key of its own in place of the recipient's has shares without a link, and the recipient hears of it", async () => {
  const own = await scene.crypto.hpke.generateKeyPair();
  let answer: ReleaseAnswer | null = null;
  const opening = openAgainst(scene, sent, {
    answer: async () => (answer = await honestAnswer(scene, sent.grant, own.publicKey)),
  });
  await expect(opening).rejects.toMatchObject(NOT_GENUINE);
  // The shares open to the server. They and every public word of the grant make no key without the link's secret.
  const { terms, sealedShares, slot } = known(answer as ReleaseAnswer | null);
  const encoded = known(base64UrlBytes(terms));
  const scope = {
    organisation: desk.organisation.id,
    transfer: sent.id,
    grant: sent.grant,
    termsHash: termsHash(scene.crypto.sha256, encoded),
  };
  const shares = known(
    await openRelease(scene.crypto, {
      privateKey: own.privateKey,
      context: releaseContext({ ...scope, ephemeralKeyHash: scene.crypto.sha256(own.publicKey) }),
      sealed: known(base64UrlBytes(sealedShares)),
    }),
  );
  const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
  for (const linkSecret of [new Uint8Array(32), scene.random.bytes(32)]) {
    const key = await kek(scene.crypto, { linkSecret, ...shares, transcript });
    expect(await openSlot(scene.crypto, { kek: key, transcript, slot: known(base64UrlBytes(slot)) })).toBeNull();
  }
});

describe("terms that the sender did not set", () => {
  const withTerms = (change: object) =>
    openAgainst(scene, sent, {
      answer: async (_key, honest) => {
        const answer = await honest(sent.grant);
        const terms = decodeTerms(known(base64UrlBytes(answer.terms) ?? undefined));
        return { ...answer, terms: base64UrlText(encodeTerms({ ...terms, ...change })) };
      },
    });

  test.for([
    ["another purpose", { purpose: "HMARKT" }],
    ["another profile", { profile: "viewable" }],
    ["a later end", { notAfter: 8_000_000_000_000 }],
    ["an earlier begin", { notBefore: 1 }],
    ["a higher cap", { releaseCap: 1000 }],
    ["another kind", { kind: "sender" }],
  ] as const)("%s is refused", async ([, change]) => {
    await expect(withTerms(change)).rejects.toMatchObject(NOT_GENUINE);
  });

  test("bytes that are no terms are refused", async () => {
    for (const terms of ["", "AAAA", "*", base64UrlText(new Uint8Array(4096))]) {
      const opening = openAgainst(scene, sent, {
        answer: async (_key, honest) => ({ ...(await honest(sent.grant)), terms }),
      });
      await expect(opening).rejects.toMatchObject(NOT_GENUINE);
    }
  });
});

describe("a sender who is another", () => {
  test("a seal by a key that the link does not name is refused", async () => {
    const stranger = await scene.crypto.signatures.generateKeyPair();
    const signature = await signSeal(scene.crypto, {
      record: decodeSealRecord(sent.seal.record),
      privateKey: stranger.privateKey,
    });
    const opening = openAgainst(scene, sent, {
      answer: async (_key, honest) => ({
        ...(await honest(sent.grant)),
        sealSignature: base64UrlText(signature),
        signingPublicKey: base64UrlText(stranger.publicKey),
      }),
    });
    await expect(opening).rejects.toMatchObject(NOT_GENUINE);
  });

  /** P, as any recipient of the package has it. */
  async function packageKeyOf(
    answer: ReleaseAnswer,
    shares: { transferShare: Bytes; grantShare: Bytes },
    linkSecret: Bytes,
  ) {
    const encoded = known(base64UrlBytes(answer.terms) ?? undefined);
    const { organisation, transfer, grant } = decodeTerms(encoded);
    const transcript = grantTranscript({
      organisation,
      transfer,
      grant,
      termsHash: termsHash(scene.crypto.sha256, encoded),
      recipientKeyId: NO_RECIPIENT_KEY,
    });
    const key = await kek(scene.crypto, { linkSecret, ...shares, transcript });
    return known(
      (await openSlot(scene.crypto, { kek: key, transcript, slot: known(base64UrlBytes(answer.slot) ?? undefined) })) ??
        undefined,
    );
  }

  test("a recipient who has the package key and the server cannot give another recipient other files", async () => {
    // The colluder opens the package as they may, and so knows P.
    const pair = await scene.crypto.hpke.generateKeyPair();
    const colluder = known(sent.grants[1]);
    const answer = await honestAnswer(scene, colluder, pair.publicKey);
    const encoded = known(base64UrlBytes(answer.terms) ?? undefined);
    const scope = {
      organisation: desk.organisation.id,
      transfer: sent.id,
      grant: colluder,
      termsHash: termsHash(scene.crypto.sha256, encoded),
    };
    const shares = known(
      (await openRelease(scene.crypto, {
        privateKey: pair.privateKey,
        context: releaseContext({ ...scope, ephemeralKeyHash: scene.crypto.sha256(pair.publicKey) }),
        sealed: known(base64UrlBytes(answer.sealedShares) ?? undefined),
      })) ?? undefined,
    );
    const link = known(parseLink(known(sent.sent.links[1]).link) ?? undefined);
    const packageKey = await packageKeyOf(answer, shares, link.fragment.linkSecret);

    // With P they encrypt another package of the same shape for the same transfer.
    const forged = new TextEncoder().encode("Findings: operate today.   ");
    expect(forged).toHaveLength(REPORT.length);
    const plan = planPackage([
      { id: drawId("file", scene.random), path: "report.txt", mediaType: "text/plain", sizeBytes: forged.length },
    ]);
    const writer = await startPackage(scene.crypto, {
      organisation: desk.organisation.id,
      transfer: sent.id,
      packageKey,
      plan,
    });
    const pieces: Bytes[] = [];
    for (const { number } of plan.parts)
      pieces.push(
        (await writer.encryptPart(number, async (_file, offset, length) => forged.slice(offset, offset + length)))
          .bytes,
      );
    const blob = concatBytes(...pieces);
    expect(blob).toHaveLength(blobOf(sent).length);

    // The server serves it under the sender's own seal, and then under the forged one.
    await expect(openAgainst(scene, sent, { serve: served(blob) })).rejects.toMatchObject(CANNOT_OPEN);
    const record = writer.sealRecord();
    const underForgedSeal = openAgainst(scene, sent, {
      serve: served(blob),
      answer: async (_key, honest) => ({
        ...(await honest(sent.grant)),
        sealRecord: base64UrlText(encodeSealRecord(record)),
      }),
    });
    await expect(underForgedSeal).rejects.toMatchObject(NOT_GENUINE);
  });
});

describe("a blob that is not the sender's", () => {
  test("one changed bit anywhere gives no file", async () => {
    const blob = blobOf(sent);
    for (const at of [0, 40, 200, Math.floor(blob.length / 2), blob.length - 1]) {
      const changed = blob.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const outcome = await openAgainst(scene, sent, { serve: served(changed) })
        .then(readAll)
        .then(
          (files) => (equalBytes(concatBytes(...files), REPORT) ? "the sender's file" : "another file"),
          (error: { code: string }) => error.code,
        );
      // Padding between the objects is nobody's content.
      expect(["the sender's file", "envelope/cannot-open"]).toContain(outcome);
    }
    const zeros = openAgainst(scene, sent, { serve: served(new Uint8Array(blob.length)) });
    await expect(zeros).rejects.toMatchObject(CANNOT_OPEN);
  });

  test("the right number of bytes from another place is refused", async () => {
    const blob = blobOf(sent);
    const shifted = openAgainst(scene, sent, {
      serve: ({ offset, length }) => served(blob)({ offset: Math.max(0, offset - 1), length }, {}),
    });
    await expect(shifted).rejects.toMatchObject(CANNOT_OPEN);
  });

  test.for<[string, (blob: Bytes, length: number) => Response]>([
    ["fewer bytes than asked for", (blob, length) => new Response(blob.slice(0, length - 1), { status: 206 })],
    ["more bytes than asked for", (blob) => new Response(blob.slice(), { status: 206 })],
    ["no bytes", () => new Response(null, { status: 206 })],
    ["refusals without end", () => new Response(null, { status: 403 })],
  ])("%s, again and again, ends in words", async ([, serve]) => {
    const opening = openAgainst(scene, sent, { serve: ({ length }) => serve(blobOf(sent), length) });
    await expect(opening).rejects.toMatchObject({ code: "client/damaged-transfer" });
  });

  test("the whole blob instead of a range is not read", async () => {
    let read = 0;
    const whole = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            read += 1;
            controller.enqueue(new Uint8Array(1 << 20));
            if (read > 1000) controller.close();
          },
        }),
        { status: 200 },
      );
    await expect(openAgainst(scene, sent, { serve: whole })).rejects.toMatchObject({ code: "client/damaged-transfer" });
    // Five attempts; a stream is asked for its first chunk when it is made.
    expect(read).toBeLessThan(5 * 3);
  });

  test("a range without end is cut off where it is longer than asked", async () => {
    let pulled = 0;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled += 1;
            controller.enqueue(new Uint8Array(1 << 16));
          },
        }),
        { status: 206 },
      );
    await expect(openAgainst(scene, sent, { serve: endless })).rejects.toMatchObject({
      code: "client/damaged-transfer",
    });
    // Five attempts, each a few chunks past what was asked.
    expect(pulled).toBeLessThan(5 * 10);
  });
});
