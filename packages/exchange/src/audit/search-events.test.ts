import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId, type GrantId } from "@safeconduct/foundation";
import { cheapCrypto, type Desk, ExchangeScene, known, outcomeOf, sealedTransfer } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { confirmAddress } from "../grants/confirm-address.ts";
import { release } from "../grants/release.ts";
import { sendCode } from "../grants/send-code.ts";
import { eraseTransfer } from "../retention/erase.ts";
import { revokeTransfer } from "../transfers/revoke.ts";
import { openLinks } from "./open-links.ts";
import type { AuditQuestion } from "./question.ts";
import { searchEvents } from "./search-events.ts";

const crypto = cheapCrypto(nodeCrypto());
const ANNA = "anna@north.example";
const BEN = "ben@south.example";
const ANYTHING: AuditQuestion = {
  question: "search",
  person: null,
  recipientOrganisation: null,
  transfer: null,
  from: null,
  to: null,
  group: null,
  outcome: null,
  id: null,
};
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const to = (...addresses: string[]) => ({ recipients: addresses.map((address) => ({ address, name: null })) });
const search = (asked: Partial<AuditQuestion>, { by = desk, ...rest }: { by?: Desk; after?: never } = {}) =>
  searchEvents(scene.deps, by.caller, { asked: { ...ANYTHING, ...asked }, after: null, ...rest });
const types = async (asked: Partial<AuditQuestion>) => (await search(asked)).found.map(({ event }) => event.type);
async function opened(grant: GrantId): Promise<void> {
  const caller = await scene.confirmed(grant);
  const { publicKey } = await crypto.hpke.generateKeyPair();
  await release(scene.deps, caller, publicKey);
}
async function wrongCode(grant: GrantId): Promise<void> {
  await sendCode(scene.deps, grant);
  const code = scene.mailedCode() === "000000" ? "111111" : "000000";
  expect(await outcomeOf(confirmAddress(scene.deps, { grant, code }))).toBe("grant/code-refused");
}

describe("a search finds", () => {
  test("what happened to a person's links, and not to another's of the same transfer", async () => {
    const { grants } = await sealedTransfer(scene, desk, to(ANNA, BEN));
    const [anna, ben] = [known(grants[0]), known(grants[1])];
    await opened(anna);
    await wrongCode(ben);
    const { found } = await search({ person: "ANNA@north.example" });
    expect(found.map(({ event }) => event.type)).toEqual([
      "grant/released",
      "grant/confirmed",
      "grant/code-sent",
      "grant/added",
    ]);
    expect(found.every(({ recipient }) => recipient?.address === ANNA)).toBe(true);
  });

  test("what a member did, by the same field", async () => {
    await sealedTransfer(scene, desk, to(ANNA));
    const { found } = await search({ person: desk.member.address });
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found.map(({ memberName }) => memberName))).toEqual(new Set([desk.member.name]));
  });

  test("what went to an organisation, whoever works there, and nothing of another's", async () => {
    const recipients = [ANNA, BEN].map((address, place) => ({
      address,
      name: null,
      organisation: ["Northlake Cardiology", "County Health"][place] ?? null,
    }));
    const { id } = await sealedTransfer(scene, desk, { recipients });
    const asked = { recipientOrganisation: "northlake CARDIOLOGY" };
    expect((await search(asked)).found.map(({ recipient }) => recipient?.address)).toEqual([ANNA]);
    expect((await search({ ...asked, transfer: id })).found.map(({ event }) => event.type)).toEqual(["grant/added"]);
    expect(await types({ ...asked, person: BEN })).toEqual([]);
    expect(await types({ recipientOrganisation: "Northlake" })).toEqual([]);
  });

  test("one person's part in one transfer", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, to(ANNA, BEN));
    await opened(known(grants[1]));
    const { found } = await search({ transfer: id, person: BEN });
    expect(new Set(found.map(({ event }) => event.grant))).toEqual(new Set([grants[1]]));
  });

  test("what happened on one day, to the millisecond", async () => {
    const dayMs = 86_400_000;
    await sealedTransfer(scene, desk, to(ANNA));
    const first = scene.clock.now();
    scene.clock.advance(dayMs);
    await sealedTransfer(scene, desk, to(ANNA));
    const of = async (from: number, end: number) =>
      (await search({ person: ANNA, from, to: end })).found.map(({ event }) => event.at);
    expect(await of(first, first + 1)).toEqual([first]);
    expect(await of(first + 1, first + dayMs)).toEqual([]);
    expect(await of(first, first + dayMs + 1)).toEqual([first + dayMs, first]);
  });

  test("what was refused, and what was not", async () => {
    const { grant } = await sealedTransfer(scene, desk, to(ANNA));
    await wrongCode(grant);
    expect(await types({ question: "refused", outcome: "refused" })).toEqual(["grant/confirm-refused"]);
    expect(await types({ outcome: "done", group: "opening" })).toEqual(["grant/code-sent"]);
  });

  test("who opened a transfer", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, to(ANNA, BEN));
    await opened(known(grants[0]));
    const { found } = await search({ question: "opened", transfer: id });
    expect(found.map(({ event, recipient }) => [event.type, recipient?.address])).toEqual([["grant/released", ANNA]]);
  });

  test("an entry by its place, and everything that names an id", async () => {
    const { id, grant } = await sealedTransfer(scene, desk, to(ANNA));
    await opened(grant);
    const all = (await search({})).found;
    const last = known(all.at(-1)).event;
    expect((await search({ id: `#${last.index}` })).found.map(({ event }) => event.id)).toEqual([last.id]);
    expect((await search({ id: last.id })).found.map(({ event }) => event.id)).toEqual([last.id]);
    expect((await types({ id: grant })).toSorted()).toEqual(
      all
        .filter(({ event }) => event.grant === grant)
        .map(({ event }) => event.type)
        .toSorted(),
    );
    expect((await types({ id })).length).toBe((await types({ transfer: id })).length);
    expect(await types({ id: drawId("device", crypto.random) })).toEqual([]);
  });

  test("every group only its own", async () => {
    const { id, grant } = await sealedTransfer(scene, desk, to(ANNA));
    await opened(grant);
    await revokeTransfer(scene.deps, desk.caller, id);
    expect(await types({ group: "ending" })).toEqual(["transfer/revoked", "grant/revoked"]);
    expect(await types({ group: "sending" })).toEqual(["grant/added", "transfer/sealed", "transfer/drafted"]);
    expect(await types({ group: "recovery" })).toEqual([]);
  });

  test("nothing of another organisation, by no way", async () => {
    const other = await scene.desk();
    const { id, grant } = await sealedTransfer(scene, other, to(ANNA));
    await opened(grant);
    const { found } = await search({}, { by: other });
    const theirs = known(found.find(({ event }) => event.transfer === id)).event;
    for (const asked of [{}, { person: ANNA }, { person: other.member.address }, { id: `#${theirs.index}` }] as const)
      expect((await search(asked)).found.filter(({ event }) => event.transfer === id)).toEqual([]);
    expect((await search({ id: other.member.id })).found).toEqual([]);
    for (const asked of [{ transfer: id }, { id }, { id: grant }])
      expect(await outcomeOf(search(asked))).toBe("transfer/unknown");
  });

  test("nothing that was erased, by person or outcome; that it happened stays", async () => {
    const { id, grant } = await sealedTransfer(scene, desk, to(ANNA));
    await wrongCode(grant);
    await revokeTransfer(scene.deps, desk.caller, id);
    await scene.sweep();
    const before = (await types({ transfer: id })).length;
    await eraseTransfer(scene.deps, desk.caller, id);
    expect(await types({ person: ANNA })).toEqual([]);
    expect(await types({ outcome: "refused" })).toEqual([]);
    const { found } = await search({ transfer: id });
    expect(found).toHaveLength(before + 1);
    expect(known(found[1])).toMatchObject({ event: { body: null, salt: null, member: null, outcome: null } });
  });
});

describe("a use after the deadline", () => {
  const late = () => search({ question: "after-deadline" });

  test("is looked for in every use, and there is none where all was in time", async () => {
    const { grant } = await sealedTransfer(scene, desk, to(ANNA));
    await opened(grant);
    expect(await late()).toMatchObject({ found: [], looked: 2, unproven: 0, next: null });
  });

  test("is found by the terms in the leaf, whatever the columns say", async () => {
    const { grant } = await sealedTransfer(scene, desk, { ...to(ANNA), lifeMs: 60_000 });
    // Somebody with the database in hand moves the end.
    await scene.store.transaction((tx) => tx.updateGrant(grant, { notAfter: scene.clock.now() + 86_400_000 }));
    const caller = await scene.confirmed(grant);
    scene.clock.advance(60_000);
    await scene.perform(async (tx) => {
      const of = known(await tx.findGrant(grant));
      const transfer = known(await tx.findTransfer(of.transfer));
      const actor = { kind: "recipient", id: grant } as const;
      const { organisation, termsHash } = of;
      const entry = { type: "grant/released", actor, organisation, transfer, grant, termsHash } as const;
      return { entries: [entry], value: caller };
    });
    const { found, looked } = await late();
    expect([found.map(({ event }) => event.type), looked]).toEqual([["grant/released"], 2]);
  });

  test("cannot be told where the terms are not those of the leaf, and that is said", async () => {
    const { grant } = await sealedTransfer(scene, desk, to(ANNA));
    await opened(grant);
    const other = await sealedTransfer(scene, desk, { ...to(BEN), lifeMs: 60_000 });
    const { terms } = known(await scene.store.read((view) => view.findGrant(other.grant)));
    await scene.store.transaction((tx) => tx.updateGrant(grant, { terms }));
    expect(await late()).toMatchObject({ found: [], looked: 2, unproven: 2 });
  });
});

test("whoever does not oversee transfers learns nothing, nor whose role was taken a moment ago", async () => {
  const sender = await scene.desk(desk.organisation, ["sender", "administrator"]);
  expect(await outcomeOf(search({}, { by: sender }))).toBe("permission/refused");
  expect(await outcomeOf(openLinks(scene.deps, sender.caller, 0))).toBe("permission/refused");
  await scene.store.transaction((tx) => tx.updateMember(desk.member.id, { roles: ["sender"] }));
  expect(await outcomeOf(search({}))).toBe("permission/refused");
  expect(await scene.entries()).not.toContain("audit/searched");
});

describe("pages", () => {
  test("come to the whole, once each, while new entries are made", async () => {
    for (let count = 0; count < 3; count++) await sealedTransfer(scene, desk, to(ANNA, BEN));
    const all = (await search({})).found.map(({ event }) => event.id);
    const seen: string[] = [];
    let after: { at: number; number: number } | null = null;
    do {
      const asked = { asked: ANYTHING, after };
      const page = await searchEvents(scene.deps, desk.caller, asked, { page: 4, look: 100 });
      seen.push(...page.found.map(({ event }) => event.id));
      scene.clock.advance(5);
      after = page.next;
    } while (after !== null);
    // The first search above made an entry too.
    expect(seen.slice(1)).toEqual(all);
  });

  test("are short where little fits among much, and say where to go on", async () => {
    const { grant } = await sealedTransfer(scene, desk, to(ANNA));
    await wrongCode(grant);
    const asked = { asked: { ...ANYTHING, id: drawId("device", crypto.random) }, after: null };
    const page = await searchEvents(scene.deps, desk.caller, asked, { page: 4, look: 2 });
    expect(page).toMatchObject({ found: [], looked: 2 });
    expect(page.next).not.toBeNull();
  });

  test("of a time that ends before it begins are refused", async () => {
    expect(await outcomeOf(search({ from: 10, to: 10 }))).toBe("audit/time-reversed");
  });
});

describe("whoever looks is seen", () => {
  test("each look is an entry with its kind and nothing of what was asked", async () => {
    await search({ question: "went-to", person: ANNA });
    await openLinks(scene.deps, desk.caller, 0);
    const looks = (await search({ group: "audit" })).found.map(
      ({ event }) => JSON.parse(event.body ?? "{}") as { type: string; detail: unknown },
    );
    expect(looks.map(({ type, detail }) => [type, detail])).toEqual([
      ["audit/searched", { question: "open-links" }],
      ["audit/searched", { question: "went-to" }],
    ]);
    expect(JSON.stringify(looks)).not.toContain(ANNA);
  });

  test("nothing is answered when the look cannot be written down", async () => {
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(search({}))).toBe("ledger/unavailable");
    expect(await outcomeOf(openLinks(scene.deps, desk.caller, 0))).toBe("ledger/unavailable");
  });
});

test("open links are those of the organisation whose time is not over", async () => {
  const other = await scene.desk();
  await sealedTransfer(scene, other, to(ANNA));
  const { id } = await sealedTransfer(scene, desk, to(ANNA));
  await sealedTransfer(scene, desk, { ...to(BEN), lifeMs: 60_000 });
  const open = async () => (await openLinks(scene.deps, desk.caller, 0)).grants.map(({ address }) => address);
  expect(await open()).toEqual([BEN, ANNA]);
  scene.clock.advance(60_000);
  expect(await open()).toEqual([ANNA]);
  await revokeTransfer(scene.deps, desk.caller, id);
  expect(await open()).toEqual([]);
});
