/** Confirming the key service's clock through the server: it relays, writes down what came of it, and decides nothing. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64UrlBytes } from "@safeconduct/foundation";
import { openStatement, signClockConfirmation } from "@safeconduct/keyring";
import { decodeLeaf } from "@safeconduct/ledger";
import { cheapCrypto, type Desk, ExchangeScene, fakeKeyService, known, outcomeOf } from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { confirmKeyClock } from "./confirm-key-clock.ts";

const crypto = cheapCrypto(nodeCrypto());
const DAY_MS = 86_400_000;
type Custodian = Awaited<ReturnType<typeof crypto.signatures.generateKeyPair>>;
let scene: ExchangeScene;
let desk: Desk;
let keys: Awaited<ReturnType<typeof fakeKeyService>>;
let jump = 0;
let [anna, ben, stranger]: Custodian[] = [];
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  [anna, ben, stranger] = await Promise.all([1, 2, 3].map(() => crypto.signatures.generateKeyPair()));
  jump = 0;
  const clock = { now: () => scene.clock.now() + jump, monotonic: () => scene.clock.monotonic() };
  const custodians = [known(anna).publicKey, known(ben).publicKey];
  keys = await fakeKeyService({ crypto, clock, custodians });
});

async function confirm(
  by: Custodian | undefined,
  { signed = desk, sent = desk, resets = 0 }: { signed?: Desk; sent?: Desk; resets?: number } = {},
) {
  const { publicKey: custodian, privateKey } = known(by);
  const said = { custodian, resets, time: scene.clock.now() + jump };
  const audience = (await keys.publicKeys()).signingPublicKey;
  const confirmation = { organisation: signed.organisation.id, ...said };
  const signature = await signClockConfirmation(crypto.signatures, { privateKey, audience, confirmation });
  return confirmKeyClock({ perform: scene.perform, keys, sha256: crypto.sha256 }, sent.caller, {
    ...said,
    signature,
  });
}
const resetEntries = async () => {
  const leaves = await scene.store.read((view) => view.leavesFrom(0, 1000));
  return leaves.filter(({ type }) => type === "keys/clock-reset");
};

test("the second custodian's word ends the alarm, and the key service's statement of it is in the ledger once", async () => {
  jump = 3 * DAY_MS;
  expect(await confirm(anna)).toBe(1);
  expect(await resetEntries()).toEqual([]);
  expect(await confirm(ben)).toBe(0);
  expect(await keys.clock()).toMatchObject({ state: "steady", resets: 1 });
  const [entry, ...others] = await resetEntries();
  expect(others).toEqual([]);
  const event = known(entry);
  const { detail } = JSON.parse(known(event.body)) as { detail: { statement: string } };
  const signed = known(base64UrlBytes(detail.statement));
  const { signingPublicKey: publicKey } = await keys.publicKeys();
  expect(await openStatement(crypto.signatures, { publicKey, signed })).toMatchObject({
    kind: "clock-reset",
    organisation: desk.organisation.id,
    resets: 1,
    custodians: [anna, ben].map((one) => crypto.sha256(known(one).publicKey)),
  });
  expect(decodeLeaf(event.leaf).payloadHash).toEqual(crypto.sha256(signed));
  expect(await outcomeOf(confirm(ben, { resets: 1 }))).toBe("keys/clock-agrees");
  expect(await resetEntries()).toHaveLength(1);
});

test("one custodian, however often, is one", async () => {
  jump = 3 * DAY_MS;
  for (let time = 0; time < 3; time++) expect(await confirm(anna)).toBe(1);
  expect([(await keys.clock()).state, await resetEntries()]).toEqual(["ahead", []]);
});

test("who is no custodian, or signed for another organisation, is refused, and nothing is written", async () => {
  const other = await scene.desk();
  jump = 3 * DAY_MS;
  await confirm(anna);
  expect(await outcomeOf(confirm(stranger))).toBe("keys/not-a-custodian");
  expect(await outcomeOf(confirm(ben, { signed: other }))).toBe("keys/bad-confirmation");
  expect(await outcomeOf(confirm(ben, { resets: 1 }))).toBe("keys/bad-confirmation");
  expect([(await keys.clock()).state, await resetEntries()]).toEqual(["ahead", []]);
});

test("where all clocks agree there is nothing to confirm", async () => {
  expect(await outcomeOf(confirm(anna))).toBe("keys/clock-agrees");
});
