/** Two at once on one part: the record always names bytes that are there, and a seal that stands is never changed. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Bytes } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  digestOfPart,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  putPart,
} from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import type { StoredPart } from "../storage/ports.ts";
import { sealTransfer } from "./seal-transfer.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

type Of = Awaited<ReturnType<typeof filledDraft>>;
const recorded = async ({ id }: Of) => known((await scene.store.read((view) => view.partsOf(id)))[0]);

/** The bytes that the record leads to. */
async function bytesOf({ id }: Of, part: StoredPart): Promise<Bytes> {
  const read: number[] = [];
  const range = { transfer: id, parts: [part], offset: 0, lengthBytes: part.sizeBytes };
  for await (const chunk of scene.blobs.read(range)) read.push(...chunk);
  return new Uint8Array(read);
}

test("twenty different bodies of one part at once: one is on record, and it is one of them, whole", async () => {
  const draft = await filledDraft(scene, desk);
  const bodies = Array.from({ length: 20 }, () => crypto.random.bytes(64));
  await Promise.all(bodies.map((body) => putPart(scene, draft, 1, body)));
  const part = await recorded(draft);
  const bytes = await bytesOf(draft, part);
  expect(digestOfPart(bytes)).toEqual(part.sha256);
  expect(bodies).toContainEqual(bytes);
});

test("a body whose upload ends after the seal is refused, and the sealed one is read as before", async () => {
  const draft = await filledDraft(scene, desk);
  const sealed = await recorded(draft);
  scene.watch.after("blobs.putPart", async () => {
    scene.watch.clear();
    await sealTransfer(scene.deps, desk.caller, draft.seal);
  });
  expect(await outcomeOf(putPart(scene, draft, 1, crypto.random.bytes(sealed.sizeBytes)))).toBe("transfer/not-draft");
  expect(await recorded(draft)).toEqual(sealed);
  expect(digestOfPart(await bytesOf(draft, sealed))).toEqual(sealed.sha256);
});

test("of a seal and many other bodies of its part at once, either the seal stands over its own bytes or it is refused", async () => {
  for (let round = 0; round < 10; round++) {
    const draft = await filledDraft(scene, desk);
    const own = await recorded(draft);
    const puts = Array.from({ length: 5 }, () => putPart(scene, draft, 1, crypto.random.bytes(own.sizeBytes)));
    const [sealing] = await Promise.all([
      outcomeOf(sealTransfer(scene.deps, desk.caller, draft.seal)),
      ...puts.map((put) => outcomeOf(put)),
    ]);
    const part = await recorded(draft);
    expect(digestOfPart(await bytesOf(draft, part))).toEqual(part.sha256);
    const { state } = known(await scene.store.read((view) => view.findTransfer(draft.id)));
    const sealedOwn = sealing === "done" && state === "active" && Buffer.from(part.sha256).equals(own.sha256);
    const refused = sealing === "transfer/seal-mismatch" && state === "draft";
    expect({ sealing, state, fits: sealedOwn || refused }).toMatchObject({ fits: true });
  }
});

test("a reader goes on over the bytes it began with while the part is put again", async () => {
  const draft = await filledDraft(scene, desk);
  const part = await recorded(draft);
  const range = { transfer: draft.id, parts: [part], offset: 0, lengthBytes: part.sizeBytes };
  const reading = scene.blobs.read(range)[Symbol.asyncIterator]();
  const first = await reading.next();
  const begun = Buffer.from(known(first.value as Bytes | undefined));
  await putPart(scene, draft, 1, crypto.random.bytes(64));
  const rest: Buffer[] = [begun];
  for (let next = await reading.next(); next.done !== true; next = await reading.next()) {
    rest.push(Buffer.from(next.value));
  }
  expect(digestOfPart(Buffer.concat(rest))).toEqual(part.sha256);
});
