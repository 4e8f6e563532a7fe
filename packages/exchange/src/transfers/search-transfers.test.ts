import type { MemberRole } from "@safeconduct/contract";
import { aClinic, aMember, memoryStore, unknownId } from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import type { MemberCaller } from "../callers.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { Store } from "../store.ts";
import {
  attentionCount,
  LOOKED_AT_MAX,
  RECIPIENTS_LOOKED_AT_MAX,
  searchTransfers,
  type TransferSearch,
} from "./search-transfers.ts";

let store: Store;
let clinic: Awaited<ReturnType<typeof aClinic>>;
let caller: MemberCaller;
beforeEach(async () => {
  store = memoryStore();
  clinic = await aClinic(store);
  caller = { ...clinic.of, roles: clinic.member.roles, by: { token: unknownId("token") } };
});

const EVERYTHING: TransferSearch = { group: "all", sender: "all", from: null, to: null, text: null, after: null };
const search = (wish: Partial<TransferSearch> = {}, limit = 50) =>
  searchTransfers({ store }, caller, { ...EVERYTHING, ...wish }, limit);
const found = async (wish: Partial<TransferSearch>) =>
  (await search(wish)).transfers.map(({ transfer }) => transfer.id);

async function add(transfer: TransferRecord, ...grants: readonly Partial<GrantRecord>[]): Promise<TransferRecord> {
  await store.transaction(async (tx) => {
    await tx.addTransfer(transfer);
    for (const grant of grants) await tx.addGrant(clinic.grant(transfer, grant));
  });
  return transfer;
}
const sent = (fields: Partial<TransferRecord> = {}, ...grants: readonly Partial<GrantRecord>[]) =>
  add(clinic.transfer(fields), ...grants);

test("a transfer stands in the groups that its sender would look for it in", async () => {
  const draft = await sent({ state: "draft" });
  const pending = await sent({}, { state: "pending" }, { state: "used" });
  const used = await sent({}, { state: "used" }, { state: "expired" });
  const over = await sent({ state: "revoked" }, { state: "revoked" });
  const givenUp = await sent({ state: "abandoned" });
  const suspended = await sent({}, { state: "used", suspendedAt: 7 });
  expect(await found({ group: "all" })).toHaveLength(6);
  expect(await found({ group: "drafts" })).toEqual([draft.id]);
  expect(await found({ group: "open" })).toEqual([suspended.id, used.id, pending.id]);
  expect(await found({ group: "waiting" })).toEqual([pending.id]);
  expect(await found({ group: "ended" })).toEqual([givenUp.id, over.id]);
  expect(await found({ group: "attention" })).toEqual([suspended.id]);
  expect(await attentionCount({ store }, caller)).toBe(1);
});

test("own transfers are the caller's, and another organisation's are nobody's", async () => {
  const colleague = aMember({ organisation: clinic.organisation.id, address: "other@clinic.example" });
  await store.transaction((tx) => tx.addMember(colleague));
  const neighbour = await aClinic(store);
  const own = await sent();
  const theirs = await sent({ member: colleague.id });
  await add(neighbour.transfer());
  expect(await found({ sender: "own" })).toEqual([own.id]);
  expect(await found({ sender: "all" })).toEqual([theirs.id, own.id]);
});

test("a sender finds their own alone, whatever they ask for; a reviewer finds nothing; an administrator may not ask", async () => {
  const colleague = aMember({ organisation: clinic.organisation.id, address: "other@clinic.example" });
  await store.transaction((tx) => tx.addMember(colleague));
  const own = await sent({}, { suspendedAt: 1 });
  const theirs = await sent({ member: colleague.id }, { suspendedAt: 1 });
  const asRoles = (...roles: readonly MemberRole[]) =>
    store.transaction((tx) => tx.updateMember(clinic.member.id, { roles }));
  await asRoles("sender");
  for (const group of ["all", "attention"] as const) expect(await found({ group })).toEqual([own.id]);
  expect(await found({ text: theirs.id })).toEqual([]);
  expect(await found({ after: theirs.id })).toEqual([]);
  expect(await attentionCount({ store }, caller)).toBe(1);
  await asRoles("reviewer");
  expect(await found({})).toEqual([]);
  expect(await attentionCount({ store }, caller)).toBe(0);
  await asRoles("compliance-officer");
  expect(await found({})).toEqual([theirs.id, own.id]);
  expect(await attentionCount({ store }, caller)).toBe(2);
  await asRoles("administrator");
  for (const refused of [search(), attentionCount({ store }, caller)])
    await expect(refused).rejects.toMatchObject({ code: "permission/refused" });
});

test("times bound when it was made: from counts, to does not", async () => {
  const [first, second, third] = [
    await sent({ createdAt: 10 }),
    await sent({ createdAt: 20 }),
    await sent({ createdAt: 30 }),
  ];
  expect(await found({ from: 20 })).toEqual([third.id, second.id]);
  expect(await found({ to: 20 })).toEqual([first.id]);
  expect(await found({ from: 10, to: 30 })).toEqual([second.id, first.id]);
  expect(await found({ from: 30, to: 30 })).toEqual([]);
});

test.each([
  ["brandt", true],
  ["BRANDT cardio", true],
  ["t.brandt@northlake", true],
  ["jose", true],
  ["jose radiology", true],
  ["José", true],
  ["jose\u0301", true],
  ["brandt elsewhere", false],
  ["%", false],
  ["_", false],
  ["t%brandt", false],
  ["\\", false],
  ["' or 1=1 --", false],
  [".*", false],
])("the text %s finds its recipient: %s", async (text, isFound) => {
  const transfer = await sent(
    {},
    {
      address: "t.brandt@northlake-cardiology.example",
      name: "Dr José Brandt",
      recipientOrganisation: "Northlake Radiology",
    },
  );
  await sent({}, { address: "somebody@elsewhere.example" });
  expect(await found({ text })).toEqual(isFound ? [transfer.id] : []);
});

test("the words of a text must belong to one recipient, and the id of a transfer finds it", async () => {
  const transfer = await sent({}, { address: "a@one.example", name: "Ada" }, { address: "b@two.example", name: "Ben" });
  expect(await found({ text: "ada one" })).toEqual([transfer.id]);
  expect(await found({ text: "ada two" })).toEqual([]);
  expect(await found({ text: transfer.id })).toEqual([transfer.id]);
  expect(await found({ text: transfer.id.slice(0, 12) })).toEqual([]);
  expect(await found({ text: unknownId("transfer") })).toEqual([]);
});

test("pages meet without gap or repetition, also where matches are rare", async () => {
  const wanted: string[] = [];
  for (let index = 0; index < 30; index++) {
    const { id } = await sent({ createdAt: index >> 1 }, { name: index % 3 === 0 ? "Wanted" : "Other" });
    if (index % 3 === 0) wanted.unshift(id);
  }
  for (const limit of [1, 2, 3, 9, 10, 11]) {
    const seen: string[] = [];
    for (let after: TransferSearch["after"] = null; ; ) {
      const turn = await search({ text: "wanted", after }, limit);
      seen.push(...turn.transfers.map(({ transfer }) => transfer.id));
      expect(turn.transfers.length).toBeLessThanOrEqual(limit);
      if (turn.next === null) break;
      after = turn.next;
    }
    expect(seen).toEqual(wanted);
  }
});

test("a page goes on from where it was, whatever was sent in between", async () => {
  const [old, newer] = [await sent({ createdAt: 1 }), await sent({ createdAt: 2 })];
  const first = await search({}, 1);
  expect(first.transfers.map(({ transfer }) => transfer.id)).toEqual([newer.id]);
  await sent({ createdAt: 3 });
  expect(await found({ after: first.next })).toEqual([old.id]);
});

test("what is unknown or another organisation's has nothing behind it", async () => {
  const neighbour = await aClinic(store);
  const foreign = await add(neighbour.transfer({ createdAt: 5000 }));
  await sent();
  for (const after of [foreign.id, unknownId("transfer")])
    expect(await search({ after })).toEqual({ transfers: [], next: null, lookedBackTo: null });
});

test("a turn looks at so many transfers and no more, says how far it came, and the next one goes on there", async () => {
  const oldest = await sent({ createdAt: 1 }, { name: "Wanted" });
  await store.transaction(async (tx) => {
    for (let index = 0; index < LOOKED_AT_MAX; index++) await tx.addTransfer(clinic.transfer({ createdAt: 2 + index }));
  });
  const turn = await search({ text: "wanted" });
  expect(turn).toMatchObject({ transfers: [], lookedBackTo: 2 });
  expect(await found({ text: "wanted", after: turn.next })).toEqual([oldest.id]);
});

test("a turn ends sooner where every transfer has many recipients", async () => {
  const [each, many] = [50, 400];
  await store.transaction(async (tx) => {
    for (let index = 0; index < many; index++) {
      const transfer = clinic.transfer({ createdAt: index });
      await tx.addTransfer(transfer);
      for (let grant = 0; grant < each; grant++) await tx.addGrant(clinic.grant(transfer));
    }
  });
  const { next, lookedBackTo } = await search({ text: "nobody" });
  expect(next).not.toBeNull();
  expect((many - (lookedBackTo ?? 0)) * each).toBeGreaterThanOrEqual(RECIPIENTS_LOOKED_AT_MAX);
});
