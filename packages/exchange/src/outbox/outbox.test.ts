import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  aJob,
  cheapCrypto,
  type Desk,
  ExchangeScene,
  gate,
  known,
  outcomeOf,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { CODE_LIFE_MS, CODE_RESEND_MS } from "../grants/code.ts";
import { confirmAddress } from "../grants/confirm-address.ts";
import { sendCode } from "../grants/send-code.ts";
import type { JobRecord } from "../records.ts";
import { revokeGrant } from "../transfers/revoke.ts";
import { ATTEMPT_LIMIT, CONCURRENT_LIMIT, LEASE_MS, Outbox, type OutboxPorts } from "./outbox.ts";
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, retryDelayMs } from "./retry.ts";

const crypto = cheapCrypto(nodeCrypto());
const FAR = 10 ** 15;
let scene: ExchangeScene;
let desk: Desk;
let sealed: Awaited<ReturnType<typeof sealedTransfer>>;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  sealed = await sealedTransfer(scene, desk);
});

const ask = () => sendCode(scene.deps, sealed.grant);
const waiting = () => scene.store.read((view) => view.jobsDue(FAR, 100));
const grantNow = async () => known(await scene.store.read((view) => view.findGrant(sealed.grant)));
const later = async (milliseconds: number) => {
  scene.clock.advance(milliseconds);
  await scene.outbox.deliverDue();
};

const UNUSED = { deliver: async () => undefined, giveUp: async () => [] };

/** An outbox of its own over the scene's store, whose deliveries are this function. */
function anOutbox(deliver: (job: JobRecord) => Promise<void>, ports: Partial<OutboxPorts> = {}): Outbox {
  return new Outbox({
    store: scene.store,
    perform: scene.perform,
    clock: scene.clock,
    random: scene.random,
    owner: "one",
    deliverers: {
      "account-mail": UNUSED,
      "code-mail": { deliver, giveUp: async () => [] },
      "invitation-mail": UNUSED,
      "problem-mail": UNUSED,
    },
    onFailure: () => undefined,
    onGivenUp: () => undefined,
    ...ports,
  });
}
const enqueue = (...jobs: readonly JobRecord[]) =>
  scene.store.transaction(async (tx) => {
    for (const job of jobs) await tx.saveJob(job);
  });
const live = (fields: Partial<JobRecord> = {}) => aJob({ dueAt: scene.clock.now(), expiresAt: FAR, ...fields });

describe("a mailed code as a job", () => {
  test("leaves no secret and no address in the database", async () => {
    scene.mail.setReachable(false);
    await ask();
    const jobs = await waiting();
    expect(jobs).toHaveLength(1);
    scene.mail.setReachable(true);
    await later(FIRST_RETRY_MS);
    const text = JSON.stringify(jobs);
    expect(text).not.toContain(scene.mailedCode());
    expect(text).not.toContain("hospital.example");
    expect(await waiting()).toEqual([]);
  });

  test("comes with its transaction or not at all", async () => {
    scene.watch.after("store.transaction", () => {
      scene.watch.clear();
      throw scene.outage("store");
    });
    expect(await outcomeOf(ask())).toBe("store/unavailable");
    expect(scene.mail.messages).toEqual([]);
    await scene.outbox.deliverDue();
    expect(scene.mail.messages).toHaveLength(1);
  });

  test("is not mailed before its entry stands, and is when it does", async () => {
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(ask())).toBe("ledger/unavailable");
    await scene.outbox.deliverDue();
    expect(scene.watch.calls).not.toContain("mail.send");
    scene.watch.clear();
    await later(FIRST_RETRY_MS);
    expect(scene.mail.messages).toHaveLength(1);
  });

  test("is tried again ever later, with the same code, and is one mail in the end", async () => {
    scene.mail.setReachable(false);
    await ask();
    for (let second = 0; second < 60; second++) await later(1000);
    const tries = scene.watch.calls.filter((call) => call === "mail.send").length;
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(7);
    scene.mail.setReachable(true);
    for (let second = 0; second < 120; second++) await later(1000);
    expect(scene.mail.messages).toHaveLength(1);
    const { session } = await confirmAddress(scene.deps, { grant: sealed.grant, code: scene.mailedCode() });
    expect(session).toMatch(/^scv_/);
  });

  test("that expired meanwhile is not mailed: the sender sees that it never left", async () => {
    scene.mail.setReachable(false);
    await ask();
    await later(CODE_LIFE_MS - 1);
    expect((await grantNow()).codeUndeliveredAt).toBeNull();
    scene.mail.setReachable(true);
    await later(1);
    expect(scene.mail.messages).toEqual([]);
    expect((await grantNow()).codeUndeliveredAt).toBe(scene.clock.now());
    expect((await scene.entries(sealed.id)).slice(-2)).toEqual(["grant/code-sent", "grant/code-undelivered"]);
    expect(scene.outboxGivenUp).toEqual(["code-mail"]);
    expect(await waiting()).toEqual([]);
  });

  test("asked for anew clears what the sender saw", async () => {
    scene.mail.setReachable(false);
    await ask();
    await later(CODE_LIFE_MS);
    scene.mail.setReachable(true);
    await ask();
    expect((await grantNow()).codeUndeliveredAt).toBeNull();
    expect(scene.mail.messages).toHaveLength(1);
  });

  test("gives way to a newer one: only the newer is mailed", async () => {
    scene.mail.setReachable(false);
    await ask();
    scene.clock.advance(CODE_RESEND_MS);
    await ask();
    expect(await waiting()).toHaveLength(1);
    scene.mail.setReachable(true);
    await later(FIRST_RETRY_MS);
    expect(scene.mail.messages).toHaveLength(1);
    await confirmAddress(scene.deps, { grant: sealed.grant, code: scene.mailedCode() });
  });

  test("is dropped without a word once its grant was withdrawn", async () => {
    scene.mail.setReachable(false);
    await ask();
    await revokeGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: sealed.grant });
    scene.mail.setReachable(true);
    await later(FIRST_RETRY_MS);
    expect(scene.mail.messages).toEqual([]);
    expect(await waiting()).toEqual([]);
    expect(await scene.entries(sealed.id)).not.toContain("grant/code-undelivered");
    expect(scene.outboxGivenUp).toEqual([]);
  });

  test("is mailed again with the same code when the word that it arrived was lost", async () => {
    scene.watch.after("mail.send", () => {
      throw scene.outage("mail");
    });
    await ask();
    scene.watch.clear();
    await later(FIRST_RETRY_MS);
    const [first, second] = scene.mail.messages;
    expect(second).toEqual(first);
    expect(scene.mail.messages).toHaveLength(2);
  });
});

describe("a lease", () => {
  test("keeps a job from a second instance until it runs out, to the millisecond", async () => {
    await enqueue(live());
    const held = gate();
    const one = anOutbox(held.hold);
    await one.begin();
    await held.arrived;
    const seen: string[] = [];
    const two = anOutbox(async (job) => void seen.push(job.id), { owner: "two" });
    scene.clock.advance(LEASE_MS - 1);
    await two.deliverDue();
    expect(seen).toEqual([]);
    scene.clock.advance(1);
    await two.deliverDue();
    expect(seen).toHaveLength(1);
    held.open();
    await one.idle();
    expect(await waiting()).toEqual([]);
  });

  test("that ran out takes the right to cross out: a late failure does not bring back what another delivered", async () => {
    await enqueue(live());
    const held = gate();
    const one = anOutbox(async () => {
      await held.hold();
      throw scene.outage("mail");
    });
    await one.begin();
    await held.arrived;
    scene.clock.advance(LEASE_MS);
    const twoHeld = gate();
    const two = anOutbox(twoHeld.hold, { owner: "two" });
    await two.begin();
    await twoHeld.arrived;
    held.open();
    await one.idle();
    expect(await waiting()).toMatchObject([{ owner: "two" }]);
    twoHeld.open();
    await two.idle();
    expect(await waiting()).toEqual([]);
  });

  test("of an instance that died ends when it starts again, and another's stays", async () => {
    await enqueue(live({ owner: "one", dueAt: scene.clock.now() + LEASE_MS }));
    await enqueue(live({ owner: "two", dueAt: scene.clock.now() + LEASE_MS }));
    const seen: string[] = [];
    const one = anOutbox(async (job) => void seen.push(job.id));
    await one.deliverDue();
    expect(seen).toEqual([]);
    await one.resume();
    await one.deliverDue();
    expect(seen).toHaveLength(1);
    expect(await waiting()).toMatchObject([{ owner: "two" }]);
  });

  test("is one for each job, however many workers come at once", async () => {
    const jobs = Array.from({ length: 40 }, () => live());
    await enqueue(...jobs);
    const seen: string[] = [];
    const workers = ["one", "two", "three", "four"].map((owner) =>
      anOutbox(async (job) => void seen.push(job.id), { owner }),
    );
    await Promise.all(workers.flatMap((worker) => [worker.deliverDue(), worker.deliverDue()]));
    expect(seen.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
  });
});

describe("a job that cannot be done", () => {
  test("keeps no other waiting", async () => {
    const bad = Array.from({ length: 3 * CONCURRENT_LIMIT }, (_, at) => live({ dueAt: at }));
    const good = live();
    await enqueue(...bad, good);
    const seen: string[] = [];
    const outbox = anOutbox(async (job) => {
      if (job.id !== good.id) throw new RangeError("poison");
      seen.push(job.id);
    });
    await outbox.deliverDue();
    expect(seen).toEqual([good.id]);
    expect(await waiting()).toHaveLength(bad.length);
  });

  test("is given up after its last try, also where it would live for ever", async () => {
    await enqueue(live());
    let [tries, given] = [0, 0];
    const deliverer = {
      deliver: async () => {
        tries++;
        throw scene.outage("mail");
      },
      giveUp: async () => {
        given++;
        return [];
      },
    };
    const outbox = anOutbox(async () => undefined, {
      deliverers: {
        "account-mail": UNUSED,
        "code-mail": deliverer,
        "invitation-mail": UNUSED,
        "problem-mail": UNUSED,
      },
    });
    for (let at = 0; at < 2 * ATTEMPT_LIMIT; at++) {
      await outbox.deliverDue();
      scene.clock.advance(LONGEST_RETRY_MS);
    }
    expect([tries, given]).toEqual([ATTEMPT_LIMIT, 1]);
    expect(await waiting()).toEqual([]);
  });

  test("takes one of eight places while it hangs; the others go on", async () => {
    await enqueue(live({ dueAt: 0 }));
    const held = gate();
    let hangs = true;
    const seen: string[] = [];
    const outbox = anOutbox(async (job) => {
      if (hangs) {
        hangs = false;
        await held.hold();
      }
      seen.push(job.id);
    });
    await outbox.begin();
    await held.arrived;
    await enqueue(...Array.from({ length: CONCURRENT_LIMIT - 1 }, () => live()));
    await outbox.begin();
    const settled = await scene.store.read((view) => view.jobsDue(scene.clock.now(), 100));
    expect(settled).toEqual([]);
    held.open();
    await outbox.idle();
    expect(seen).toHaveLength(CONCURRENT_LIMIT);
  });

  test("because the database is away is begun by nobody and told to whoever asked", async () => {
    await enqueue(live());
    const outbox = anOutbox(async () => undefined);
    scene.watch.before("store.transaction", () => {
      throw scene.outage("store");
    });
    expect(await outcomeOf(outbox.begin())).toBe("store/unavailable");
    await outbox.nudge();
    scene.watch.clear();
    // Its places are free again.
    expect(await outbox.begin()).toBe(1);
    await outbox.idle();
    expect(await waiting()).toEqual([]);
  });
});

describe("who asks for delivery", () => {
  test("waits for a job that another look took a moment before", async () => {
    await enqueue(live());
    const seen: string[] = [];
    const outbox = anOutbox(async (job) => void seen.push(job.id));
    const other = outbox.begin();
    await outbox.deliverDue();
    expect(seen).toHaveLength(1);
    expect(await other).toBe(1);
  });

  test("waits for a job that came while another look found nothing", async () => {
    const held = gate();
    const seen: string[] = [];
    const { store } = scene;
    const slow: OutboxPorts["store"] = {
      transaction: (work) => store.transaction(work),
      read: async (work) => {
        const found = await store.read(work);
        await held.hold();
        return found;
      },
      scrub: () => store.scrub(),
      close: () => store.close(),
    };
    const outbox = anOutbox(async (job) => void seen.push(job.id), { store: slow });
    const other = outbox.begin();
    await held.arrived;
    await enqueue(live());
    const delivered = outbox.deliverDue();
    held.open();
    await delivered;
    expect(seen).toHaveLength(1);
    expect(await other).toBe(0);
  });

  test("waits for a job that had no place", async () => {
    await enqueue(...Array.from({ length: CONCURRENT_LIMIT }, () => live()));
    const held = gate();
    const seen: string[] = [];
    const outbox = anOutbox(async (job) => {
      await held.hold();
      seen.push(job.id);
    });
    await outbox.begin();
    await held.arrived;
    await enqueue(live());
    const delivered = outbox.deliverDue();
    held.open();
    await delivered;
    expect(seen).toHaveLength(CONCURRENT_LIMIT + 1);
  });
});

test("an idle look is one read and no write", async () => {
  const mark = scene.watch.calls.length;
  await scene.outbox.deliverDue();
  expect(scene.watch.calls.slice(mark)).toEqual(["store.read"]);
});

test.each([
  [1, FIRST_RETRY_MS],
  [2, 2 * FIRST_RETRY_MS],
  [7, 64 * FIRST_RETRY_MS],
  [8, LONGEST_RETRY_MS],
  [ATTEMPT_LIMIT, LONGEST_RETRY_MS],
  [10_000, LONGEST_RETRY_MS],
])("after failure %i it waits between half and all of %i ms", (attempts, longest) => {
  const none = { bytes: (length: number) => new Uint8Array(length) };
  const all = { bytes: (length: number) => new Uint8Array(length).fill(255) };
  expect(retryDelayMs(attempts, none)).toBe(longest / 2);
  expect(retryDelayMs(attempts, all)).toBe(longest);
});
