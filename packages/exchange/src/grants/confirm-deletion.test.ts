import { nodeCrypto } from "@safeconduct/crypto-node";
import { cheapCrypto, type Desk, ExchangeScene, known, outcomeOf, sealedTransfer } from "@safeconduct/testkit";
import type { GrantId } from "@safeconduct/foundation";
import { beforeEach, describe, expect, test } from "vitest";
import { eraseTransfer } from "../retention/erase.ts";
import { RECEIPT_GRACE_MS } from "../transfers/limits.ts";
import { revokeGrant, revokeTransfer } from "../transfers/revoke.ts";
import { suspendGrant } from "../transfers/suspend-grant.ts";
import { acceptConditions } from "./accept-conditions.ts";
import { attestDeletion } from "./attest-deletion.ts";
import { CODE_LIFE_MS, CODE_LOCK_MS, CODE_RESEND_MS, CODE_WINDOW_MS } from "./code.ts";
import { codeMailNeed } from "./code-mail.ts";
import { confirmAddress } from "./confirm-address.ts";
import { confirmDeletion } from "./confirm-deletion.ts";
import { recordReceipt } from "./record-receipt.ts";
import { release } from "./release.ts";
import { sendCode } from "./send-code.ts";
import { DELETION_CODE_LIMIT, sendDeletionCode } from "./send-deletion-code.ts";

const crypto = cheapCrypto(nodeCrypto());
const DAY_MS = 24 * 3_600_000;
const ADDRESS = "specialist@hospital.example";
const ASKING = { conditions: { mayStore: true, deleteByDays: 30 } };
const ANSWER = { expiresInSeconds: 600, nextInSeconds: 30 };
type Fields = Parameters<typeof sealedTransfer>[2];
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

async function opened(fields: Fields = ASKING) {
  const sealed = await sealedTransfer(scene, desk, fields);
  const caller = await scene.confirmed(sealed.grant);
  const termsHash = (await grantOf(sealed.grant)).termsHash;
  await acceptConditions(scene.deps, caller, { termsHash });
  await release(scene.deps, caller, (await crypto.hpke.generateKeyPair()).publicKey);
  scene.clock.advance(CODE_RESEND_MS);
  return { ...sealed, caller };
}
/** Its link ended by time, and the sweep has passed. */
async function ended(fields: Fields = ASKING, grace = 7 * DAY_MS) {
  const sealed = await opened(fields);
  scene.clock.advance(DAY_MS);
  await scene.sweep(grace);
  return sealed;
}
const grantOf = async (grant: GrantId) => known(await scene.store.read((view) => view.findGrant(grant)));
/** How many mails it made. */
async function ask(grant: GrantId, address = ADDRESS): Promise<number> {
  const before = scene.mail.messages.length;
  const outbox = { nudge: async () => undefined };
  expect(await sendDeletionCode({ ...scene.deps, outbox }, { grant, address })).toEqual(ANSWER);
  await scene.outbox.deliverDue();
  return scene.mail.messages.length - before;
}
const confirm = (grant: GrantId, code = scene.mailedCode(), address = ADDRESS) =>
  outcomeOf(confirmDeletion(scene.deps, { grant, address, code }));
const wrongCode = () => String((Number(scene.mailedCode()) + 1) % 1_000_000).padStart(6, "0");
const count = async (type: string) => (await scene.entries()).filter((each) => each === type).length;

describe("the word that copies are deleted, after the link's end", () => {
  test.each([
    ["time", async (sealed: Awaited<ReturnType<typeof opened>>) => void sealed],
    ["a revocation of the link", ({ id, grant }) => revokeGrant(scene.deps, desk.caller, { transfer: id, grant })],
    ["a revocation of all", ({ id }) => revokeTransfer(scene.deps, desk.caller, id)],
  ] satisfies [string, (sealed: Awaited<ReturnType<typeof opened>>) => Promise<unknown>][])(
    "is taken with a mailed code when the end came by %s, also once all is destroyed",
    async (_, end) => {
      const sealed = await opened();
      await end(sealed);
      scene.clock.advance(DAY_MS);
      await scene.sweep();
      await scene.sweep();
      expect((await grantOf(sealed.grant)).deletionAttestedAt).toBeNull();
      expect(await ask(sealed.grant)).toBe(1);
      expect(await confirm(sealed.grant)).toBe("done");
      expect(await grantOf(sealed.grant)).toMatchObject({ deletionAttestedAt: scene.clock.now() });
      expect((await scene.entries(sealed.id)).slice(-2)).toEqual([
        "grant/deletion-code-sent",
        "grant/deletion-attested",
      ]);
      expect(await scene.store.read((view) => view.findTransfer(sealed.id))).toMatchObject({ state: "destroyed" });
    },
  );

  test("is taken after a cap and after the closing on receipt", async () => {
    const capped = await opened({ ...ASKING, releaseCap: 1 });
    expect(await grantOf(capped.grant)).toMatchObject({ state: "capped" });
    expect(await ask(capped.grant)).toBe(1);
    expect(await confirm(capped.grant)).toBe("done");
    const closed = await opened({ ...ASKING, closesOnReceipt: true });
    await recordReceipt(scene.deps, closed.caller, { files: 1 });
    scene.clock.advance(RECEIPT_GRACE_MS);
    // Ended by its time; the sweep has not passed yet.
    expect(await ask(closed.grant)).toBe(1);
    expect(await confirm(closed.grant)).toBe("done");
  });

  test("says in the readable event with which proof it was given", async () => {
    const { id, grant } = await ended();
    await ask(grant);
    await confirm(grant);
    const events = await scene.store.read((view) => view.eventsOf(id));
    const { body } = known(events.find(({ type }) => type === "grant/deletion-attested"));
    expect(JSON.parse(known(body ?? undefined))).toMatchObject({ detail: { proof: "mailed-code", afterEnd: true } });
    expect(body).not.toContain(ADDRESS);
  });

  test("is one entry, however often it is given", async () => {
    const { grant } = await ended();
    for (let round = 0; round < 2; round++) {
      expect(await ask(grant)).toBe(1);
      expect(await confirm(grant)).toBe("done");
      scene.clock.advance(CODE_RESEND_MS);
    }
    expect(await count("grant/deletion-attested")).toBe(1);
  });

  test("given twice with one code at the same moment is taken once", async () => {
    const { grant } = await ended();
    await ask(grant);
    const code = scene.mailedCode();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => confirm(grant, code)));
    expect(outcomes.toSorted()).toEqual(["done", ...Array.from({ length: 7 }, () => "grant/code-refused")]);
    expect(await count("grant/deletion-attested")).toBe(1);
  });

  test("is not taken while the ledger cannot be written", async () => {
    const { grant } = await ended();
    await ask(grant);
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await confirm(grant)).toBe("ledger/unavailable");
  });
});

describe("whoever asks for a code after the end learns nothing", () => {
  test("neither of a link that is open, closed for now, unknown, or was never opened, nor of one without such terms", async () => {
    const open = await opened();
    expect(await ask(open.grant)).toBe(0);
    await suspendGrant(scene.deps, desk.caller, { transfer: open.id, grant: open.grant });
    expect(await ask(open.grant)).toBe(0);
    const unknown = `${open.grant.slice(0, -2)}${open.grant.at(-2) === "a" ? "b" : "a"}a` as GrantId;
    expect(await ask(unknown)).toBe(0);
    const notAsked = await ended({});
    expect(await ask(notAsked.grant)).toBe(0);
    const unopened = await sealedTransfer(scene, desk, ASKING);
    scene.clock.advance(DAY_MS);
    expect(await ask(unopened.grant)).toBe(0);
    for (const grant of [open.grant, unknown, notAsked.grant, unopened.grant])
      expect(await confirm(grant, "000000")).toBe("grant/code-refused");
    expect(await count("grant/deletion-code-sent")).toBe(0);
    expect(await count("grant/confirm-refused")).toBe(0);
  });

  test("nor by another address: no mail, no entry, and no try is counted", async () => {
    const { grant } = await ended();
    expect(await ask(grant, "somebody@else.example")).toBe(0);
    expect(await ask(grant)).toBe(1);
    for (let round = 0; round < 10; round++)
      expect(await confirm(grant, scene.mailedCode(), "somebody@else.example")).toBe("grant/code-refused");
    expect(await count("grant/confirm-refused")).toBe(0);
    expect(await confirm(grant, scene.mailedCode(), ADDRESS.toUpperCase())).toBe("done");
  });

  test("nor by asking again: within half a minute nothing is mailed, six times an hour at the most", async () => {
    const { grant } = await ended();
    expect(await ask(grant)).toBe(1);
    scene.clock.advance(CODE_RESEND_MS - 1);
    expect(await ask(grant)).toBe(0);
    let mailed = 1;
    for (let round = 0; round < 10; round++) {
      scene.clock.advance(CODE_RESEND_MS);
      mailed += await ask(grant);
    }
    expect(mailed).toBe(6);
  });

  test("nor has the first one to wait, because the code before it opened the files a moment ago", async () => {
    const { grant, id } = await opened();
    await sendCode(scene.deps, grant);
    await revokeTransfer(scene.deps, desk.caller, id);
    expect(await ask(grant)).toBe(1);
    expect(await ask(grant)).toBe(0);
    expect(await confirm(grant)).toBe("done");
  });

  test("nor after an erasure, which leaves nobody to ask", async () => {
    const { id, grant } = await ended(ASKING, 0);
    await scene.sweep();
    await eraseTransfer(scene.deps, desk.caller, id);
    expect(await ask(grant)).toBe(0);
    expect(await ask(grant, "")).toBe(0);
  });

  test("and the answer does not wait for the mail server", async () => {
    const { grant } = await ended();
    let isOver = false;
    const outbox = { nudge: () => new Promise<void>(() => undefined).finally(() => (isOver = true)) };
    await sendDeletionCode({ ...scene.deps, outbox }, { grant, address: ADDRESS });
    expect(isOver).toBe(false);
    const [job] = await scene.store.read((view) => view.jobsDue(10 ** 15, 10));
    const need = (now: number) => scene.store.read((view) => codeMailNeed(view, known(job), now));
    expect(await need(scene.clock.now())).toBe("wanted");
    await scene.outbox.deliverDue();
    expect(known(scene.mail.messages.at(-1)).text).toContain("deleted files");
    expect(await confirm(grant)).toBe("done");
  });
});

describe("codes of an ended link", () => {
  test("are as many as the limit in the link's whole life, and then no more", async () => {
    const { grant } = await ended();
    let mailed = 0;
    for (let round = 0; round < DELETION_CODE_LIMIT + 5; round++) {
      mailed += await ask(grant);
      scene.clock.advance(CODE_WINDOW_MS);
    }
    expect(mailed).toBe(DELETION_CODE_LIMIT);
    expect(await grantOf(grant)).toMatchObject({ deletionCodes: DELETION_CODE_LIMIT });
  });

  test("stand five tries, are void then, and the link waits", async () => {
    const { grant } = await ended();
    await ask(grant);
    const [code, wrong] = [scene.mailedCode(), wrongCode()];
    for (let round = 0; round < 8; round++) expect(await confirm(grant, wrong)).toBe("grant/code-refused");
    expect(await count("grant/confirm-refused")).toBe(5);
    expect(await confirm(grant, code)).toBe("grant/code-refused");
    scene.clock.advance(CODE_LOCK_MS - 1);
    expect(await ask(grant)).toBe(0);
    scene.clock.advance(1);
    expect(await ask(grant)).toBe(1);
    expect(await confirm(grant)).toBe("done");
  });

  test("live ten minutes, and leave no trace when they come later", async () => {
    const { grant } = await ended();
    await ask(grant);
    scene.clock.advance(CODE_LIFE_MS);
    expect(await confirm(grant)).toBe("grant/code-refused");
    expect(await count("grant/confirm-refused")).toBe(0);
  });

  test("are no codes that were mailed to open the files, and open none themselves", async () => {
    const { grant, id } = await opened();
    await sendCode(scene.deps, grant);
    const code = scene.mailedCode();
    await revokeTransfer(scene.deps, desk.caller, id);
    expect(await confirm(grant, code)).toBe("grant/code-refused");
    scene.clock.advance(CODE_RESEND_MS);
    await ask(grant);
    expect(await outcomeOf(confirmAddress(scene.deps, { grant, code: scene.mailedCode() }))).toBe("grant/unavailable");
  });

  test("of one recipient are no codes of another", async () => {
    const recipients = ["a@x.example", "b@x.example"].map((address) => ({ address, name: null }));
    const sealed = await opened({ ...ASKING, recipients });
    scene.clock.advance(DAY_MS);
    await ask(sealed.grant, "a@x.example");
    const other = known(sealed.grants[1]);
    expect(await confirm(other, scene.mailedCode(), "b@x.example")).toBe("grant/code-refused");
    expect(await confirm(other, scene.mailedCode(), "a@x.example")).toBe("grant/code-refused");
    expect(await confirm(sealed.grant, scene.mailedCode(), "a@x.example")).toBe("done");
  });

  test("change nothing of a word that was given while the link lived", async () => {
    const { grant, caller } = await opened();
    await attestDeletion(scene.deps, caller);
    const { deletionAttestedAt } = await grantOf(grant);
    scene.clock.advance(DAY_MS);
    await ask(grant);
    expect(await confirm(grant)).toBe("done");
    expect((await grantOf(grant)).deletionAttestedAt).toBe(deletionAttestedAt);
  });
});
