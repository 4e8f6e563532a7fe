import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  cheapCrypto,
  confirmedFor,
  demanding,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import type { RecipientCaller } from "../callers.ts";
import { revokeGrant } from "../transfers/revoke.ts";
import { problemMailNeed } from "./problem-mail.ts";
import { PROBLEM_REPORT_LIMIT, reportProblem } from "./report-problem.ts";

const crypto = cheapCrypto(nodeCrypto());
type Kind = Parameters<typeof reportProblem>[2]["kind"];
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

async function recipient(fields: Parameters<typeof sealedTransfer>[2] = {}) {
  const sealed = await sealedTransfer(scene, desk, fields);
  return { sealed, caller: await confirmedFor(scene, sealed) };
}
const report = (caller: RecipientCaller, kind: Kind) => outcomeOf(reportProblem(scene.deps, caller, { kind }));
const grantOf = async ({ grant }: RecipientCaller) =>
  known((await scene.store.read((view) => view.findGrant(grant))) ?? undefined);
const reports = async () => (await scene.entries()).filter((type) => type === "grant/problem-reported").length;

test("a problem is told to the sender by a mail that says nothing of it", async () => {
  const { sealed, caller } = await recipient();
  expect(await report(caller, "wrong-patient")).toBe("done");
  expect(await grantOf(caller)).toMatchObject({ problemKind: "wrong-patient", problemReportedAt: scene.clock.now() });
  const { to, subject, text } = known(scene.mail.messages.at(-1));
  expect(to).toBe(desk.member.address);
  const said = `${subject} ${text}`;
  for (const secret of ["patient", "specialist", sealed.id, caller.grant, "http"]) expect(said).not.toContain(secret);
});

test("the same again is no other report, another kind is one, up to the limit", async () => {
  const { caller } = await recipient();
  for (let at = 0; at < PROBLEM_REPORT_LIMIT; at++) {
    expect(await report(caller, at % 2 === 0 ? "other" : "cannot-open")).toBe("done");
    expect(await report(caller, at % 2 === 0 ? "other" : "cannot-open")).toBe("done");
  }
  expect(await reports()).toBe(PROBLEM_REPORT_LIMIT);
  expect(await report(caller, "wrong-person")).toBe("grant/reported-enough");
  expect(await reports()).toBe(PROBLEM_REPORT_LIMIT);
});

test("twenty reports of one kind at once are one", async () => {
  const { caller } = await recipient();
  await Promise.all(Array.from({ length: 20 }, () => report(caller, "missing-file")));
  expect(await reports()).toBe(1);
});

test("who cannot give the second factor can say so", async () => {
  const { caller } = await recipient(demanding("passcode", "a@x.example"));
  expect(await report(caller, "cannot-open")).toBe("done");
});

test("a session of another link, or a link that was withdrawn, reports nothing", async () => {
  const [one, two] = [await recipient(), await recipient()];
  expect(await report({ ...one.caller, session: two.caller.session }, "other")).toBe("grant/session-required");
  await revokeGrant(scene.deps, desk.caller, { transfer: one.sealed.id, grant: one.sealed.grant });
  expect(await report(one.caller, "other")).toBe("grant/unavailable");
  expect(await reports()).toBe(0);
});

test("a mail server that is away keeps no report back, and the mail comes later", async () => {
  const { caller } = await recipient();
  const before = scene.mail.messages.length;
  scene.mail.setReachable(false);
  expect(await report(caller, "other")).toBe("done");
  const [job] = await scene.store.read((view) => view.jobsDue(10 ** 15, 10));
  expect(await scene.store.read((view) => problemMailNeed(view, known(job)))).toBe("wanted");
  scene.mail.setReachable(true);
  scene.clock.advance(60_000);
  await scene.outbox.deliverDue();
  expect(scene.mail.messages).toHaveLength(before + 1);
});
