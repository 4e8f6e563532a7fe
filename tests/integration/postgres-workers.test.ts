/**
 * Two instances on one real PostgreSQL: each has pools, an outbox and a sweep of its own, so nothing but the database keeps them
 * apart. The trees are two as well, and must come out the same.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type JobRecord, Outbox } from "@safeconduct/exchange";
import { drawId, isProblem, type TransferId } from "@safeconduct/foundation";
import { openPostgres, type OpenPostgres } from "@safeconduct/postgres";
import {
  aJob,
  cheapCrypto,
  ExchangeScene,
  fakeKeyService,
  filledDraft,
  gate,
  known,
  memoryBlobStore,
  outcomeOf,
  sceneSigner,
  SCENE_START,
  sealedTransfer,
  SteppedClock,
} from "@safeconduct/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LEASE_MS } from "../../packages/exchange/src/outbox/outbox.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../testkit/src/postgres-server.ts";

const crypto = cheapCrypto(nodeCrypto());
const FAR = 10 ** 15;
const HOUR_MS = 3_600_000;
const missing = postgresMissing();

describe.skipIf(missing !== null)(`two on one PostgreSQL${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let server: PostgresServer;
  let databases = 0;
  let clock: SteppedClock;
  let pools: readonly OpenPostgres[];
  let one: ExchangeScene;
  let two: ExchangeScene;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const open = (database: string): Promise<OpenPostgres> =>
    openPostgres({
      connection: { ...server.connection, database },
      // Connections that a test cuts are told here too.
      onError: () => undefined,
    });
  beforeEach(async () => {
    const database = `workers_${++databases}`;
    await server.run(`create database ${database}`);
    pools = [await open(database), await open(database)];
    clock = new SteppedClock();
    const shared = {
      clock,
      keys: await fakeKeyService({ crypto, clock }),
      blobs: memoryBlobStore(),
      signer: await sceneSigner(crypto),
    };
    const scene = (seed: number) =>
      ExchangeScene.open({ crypto, seed, ports: { ...shared, store: known(pools[seed - 1]).store } });
    [one, two] = [await scene(1), await scene(2)];
  });
  afterEach(async () => {
    for (const pool of pools) await pool.close();
  });

  /** An outbox of this scene's own pools, whose deliveries are this function. */
  const outboxOf = (scene: ExchangeScene, owner: string, deliver: (job: JobRecord) => Promise<void>) =>
    new Outbox({
      store: scene.store,
      perform: scene.perform,
      clock,
      random: scene.random,
      owner,
      deliverers: {
        "code-mail": { deliver, giveUp: async () => [] },
        "invitation-mail": { deliver, giveUp: async () => [] },
        "account-mail": { deliver, giveUp: async () => [] },
        "problem-mail": { deliver, giveUp: async () => [] },
      },
      onFailure: () => undefined,
      onGivenUp: () => undefined,
    });
  const live = (fields: Partial<JobRecord> = {}) => aJob({ dueAt: SCENE_START, expiresAt: FAR, ...fields });
  const enqueue = (jobs: readonly JobRecord[]) =>
    one.store.transaction(async (tx) => {
      for (const job of jobs) await tx.saveJob(job);
    });
  /** Ends every connection of the test, as a restart of the database does. */
  const cut = () =>
    server.run(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'workers_${databases}'`);
  const waiting = () => two.store.read((view) => view.jobsDue(FAR, 1000));

  /** A pool may hand out a connection that was cut a moment ago; there are ten at most. */
  const patiently = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (tries > 20 || !isProblem(error) || error.code !== "store/unavailable") throw error;
      }
    }
  };

  test("a database that cuts every connection is an outage to whoever asks, and serves the next one", async () => {
    const [lost, kept] = [live(), live()];
    const writing = one.store.transaction(async (tx) => {
      await tx.saveJob(lost);
      await cut();
      await tx.findJob(lost.id);
    });
    expect(await outcomeOf(writing)).toBe("store/unavailable");
    const reading = one.store.read(async (view) => {
      await view.findJob(lost.id);
      await cut();
      await view.findJob(lost.id);
    });
    expect(await outcomeOf(reading)).toBe("store/unavailable");
    await patiently(() => enqueue([kept]));
    expect(await patiently(waiting)).toEqual([kept]);
  });

  describe("outboxes", () => {
    test("deliver each of many jobs once, and none at the same time as the other", async () => {
      const jobs = Array.from({ length: 120 }, () => live());
      await enqueue(jobs);
      const seen: string[] = [];
      const running = new Set<string>();
      const twice: string[] = [];
      const by = { one: 0, two: 0 };
      const deliver = (owner: "one" | "two") => async (job: JobRecord) => {
        if (running.has(job.id)) twice.push(job.id);
        running.add(job.id);
        // A look at the database takes as long as a mail might, and lets the other work meanwhile.
        await (owner === "one" ? one : two).store.read((view) => view.findJob(job.id));
        running.delete(job.id);
        seen.push(job.id);
        by[owner]++;
      };
      const outboxes = [outboxOf(one, "one", deliver("one")), outboxOf(two, "two", deliver("two"))];
      await Promise.all(outboxes.map((outbox) => outbox.deliverDue()));
      expect(twice).toEqual([]);
      expect(seen.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
      expect(await waiting()).toEqual([]);
      // Otherwise nothing was shown about two.
      expect(Math.min(by.one, by.two)).toBeGreaterThan(0);
    });

    test("take over what a crashed one held when its lease is over, not a millisecond earlier", async () => {
      const jobs = Array.from({ length: 12 }, () => live());
      await enqueue(jobs);
      const held = gate();
      const crashed = outboxOf(one, "one", held.hold);
      await crashed.begin();
      await held.arrived;
      const inHand = (await waiting()).filter(({ owner }) => owner === "one").map(({ id }) => id);
      expect(inHand.length).toBeGreaterThan(0);
      // Its connections break, as when the process is killed; what it had begun never comes back.
      await known(pools[0]).close();

      const seen: string[] = [];
      const outbox = outboxOf(two, "two", async (job) => void seen.push(job.id));
      clock.advance(LEASE_MS - 1);
      await outbox.deliverDue();
      expect(seen.toSorted()).toEqual(
        jobs
          .map(({ id }) => id)
          .filter((id) => !inHand.includes(id))
          .toSorted(),
      );
      clock.advance(1);
      await outbox.deliverDue();
      expect(seen.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
      // The dead one's last word, should it still come, changes nothing.
      held.open();
      await crashed.idle();
      expect(await waiting()).toEqual([]);
    });

    test("lose nothing to connections that are cut in the middle of a claim", async () => {
      const jobs = Array.from({ length: 40 }, () => live());
      await enqueue(jobs);
      const seen = new Map<string, number>();
      const deliver = async (job: JobRecord) => void seen.set(job.id, (seen.get(job.id) ?? 0) + 1);
      const [first, second] = [outboxOf(one, "one", deliver), outboxOf(two, "two", deliver)];
      for (let turn = 0; (await patiently(waiting)).length > 0 && turn < 200; turn++) {
        const begun = Promise.allSettled([first.begin(), second.begin()]);
        if (turn % 3 === 0 && turn < 12) await cut();
        await begun;
        await Promise.all([first.idle(), second.idle()]);
        if (turn > 12) clock.advance(LEASE_MS);
      }
      expect(await patiently(waiting)).toEqual([]);
      expect([...seen.keys()].toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    });

    test("a job that was replaced while the other delivered its predecessor is delivered, and not crossed out with it", async () => {
      const old = live();
      await enqueue([old]);
      const held = gate();
      const seen: string[] = [];
      const first = outboxOf(one, "one", async (job) => {
        await held.hold();
        seen.push(job.id);
      });
      await first.begin();
      await held.arrived;
      const fresh = live({ key: old.key });
      await two.store.transaction((tx) => tx.saveJob(fresh));
      const freshHeld = gate();
      const second = outboxOf(two, "two", async (job) => {
        await freshHeld.hold();
        seen.push(job.id);
      });
      await second.begin();
      await freshHeld.arrived;
      held.open();
      await first.idle();
      expect(await waiting()).toMatchObject([{ id: fresh.id, owner: "two" }]);
      freshHeld.open();
      await second.idle();
      expect(seen).toEqual([old.id, fresh.id]);
      expect(await waiting()).toEqual([]);
    });

    test("take what is longest due first", async () => {
      const jobs = Array.from({ length: 48 }, (_, at) => live({ dueAt: SCENE_START - 48 + at }));
      await enqueue(jobs.toReversed());
      const taken: number[][] = [[], []];
      const watch = (place: number) => async (job: JobRecord) =>
        void known(taken[place]).push(jobs.findIndex(({ id }) => id === job.id));
      const [first, second] = [outboxOf(one, "one", watch(0)), outboxOf(two, "two", watch(1))];
      await Promise.all([first.deliverDue(), second.deliverDue()]);
      // Which of the two gets what is chance; each goes from old to new, within the places that it fills at once.
      for (const places of taken) {
        const batches = Array.from({ length: Math.ceil(places.length / 8) }, (_, at) =>
          places.slice(8 * at, 8 * at + 8),
        );
        for (const [at, batch] of batches.entries())
          for (const later of batches.slice(at + 1)) expect(Math.max(...batch)).toBeLessThan(Math.min(...later));
      }
      expect(taken.flat().toSorted((a, b) => a - b)).toEqual(jobs.map((_, at) => at));
    });
  });

  describe("sweeps", () => {
    /** Active transfers with one link each, like one that was sealed, without the work of sealing them. */
    async function many(count: number, notAfter: number): Promise<TransferId[]> {
      const { id, grant } = await sealedTransfer(one, await one.desk());
      const model = await one.store.read(async (view) => ({
        transfer: known(await view.findTransfer(id)),
        grant: known(await view.findGrant(grant)),
      }));
      const ids = Array.from({ length: count }, () => drawId("transfer", one.random));
      await one.store.transaction(async (tx) => {
        for (const transfer of ids) {
          await tx.addTransfer({ ...model.transfer, id: transfer });
          await tx.addGrant({ ...model.grant, id: drawId("grant", one.random), transfer, notAfter, endsAt: notAfter });
        }
      });
      return [id, ...ids];
    }
    const sweepBoth = async () => {
      // Whoever lost too many races in a row comes again with the next turn, a second later.
      for (let turn = 0; turn < 10; turn++) {
        const ended = await Promise.allSettled([one.sweep(), two.sweep(), one.sweep(), two.sweep()]);
        if (ended.every(({ status }) => status === "fulfilled")) return;
      }
      throw new Error("the sweeps do not come to an end beside each other");
    };

    test("end and destroy everything once, with an entry each, and both trees say the same", async () => {
      const ids = await many(150, SCENE_START + HOUR_MS);
      const draft = await filledDraft(one, await one.desk());
      clock.advance(30 * 24 * HOUR_MS);
      await sweepBoth();
      const entries = await two.entries();
      const count = (type: string) => entries.filter((each) => each === type).length;
      expect({
        expired: count("grant/expired"),
        transfers: count("transfer/expired"),
        abandoned: count("transfer/abandoned"),
        destroyed: count("transfer/destroyed"),
      }).toEqual({ expired: ids.length, transfers: ids.length, abandoned: 1, destroyed: ids.length + 1 });
      const states = await two.store.read((view) =>
        Promise.all([...ids, draft.id].map(async (id) => known(await view.findTransfer(id)).state)),
      );
      expect(new Set(states)).toEqual(new Set(["destroyed"]));
      expect(await one.storedBlobs()).toEqual([]);
      for (const scene of [one, two]) await scene.sequencer.settled();
      expect(one.ledger.size).toBe(entries.length);
      expect(two.ledger.checkpointText).toBe(one.ledger.checkpointText);
      expect([...one.ledgerFailures, ...two.ledgerFailures]).toEqual([]);
    });

    test("of a hundred due among twenty thousand read no table from one end to the other", async () => {
      const [id] = await many(0, SCENE_START);
      const database = `workers_${databases}`;
      const model = await one.store.read((view) => view.grantsOf(known(id)));
      const grant = known(model.find(({ kind }) => kind === "recipient")).id;
      // Copies of the one transfer and its link under ids and numbers of their own; every two-hundredth is due.
      const made = (prefix: string) => `'${prefix}_' || rpad(translate(n::text, '0189', 'wxyz'), 26, 'a')`;
      const copies = (table: string, of: string, fields: string) =>
        server.run(
          `insert into ${table} overriding system value select made.* from ${table} model, generate_series(1, 20000) n,
            jsonb_populate_record(model, jsonb_build_object('number', 1000000 + n, ${fields})) made where model.id = '${of}'`,
          database,
        );
      await copies("transfers", known(id), `'id', ${made("trf")}`);
      const notAfter = `case when n % 200 = 0 then ${SCENE_START + HOUR_MS} else ${SCENE_START + 1000 * HOUR_MS} end`;
      await copies(
        "grants",
        grant,
        `'id', ${made("grt")}, 'transfer', ${made("trf")}, 'not_after', ${notAfter}, 'ends_at', ${notAfter}`,
      );
      await server.run("analyze", database);
      clock.advance(2 * HOUR_MS);
      await server.run("select pg_stat_reset()", database);
      await one.sweep();
      expect((await one.entries()).filter((type) => type === "transfer/destroyed")).toHaveLength(100);
      // A connection hands in what it counted when it ends, at the latest.
      for (const pool of pools) await pool.close();
      const tables = await server.run(
        `select relname from pg_stat_user_tables where seq_tup_read > 1000 and relname in ('grants', 'transfers')`,
        database,
      );
      expect(tables.trim()).toBe("");
      const used = await server.run(`select indexrelname from pg_stat_user_indexes where idx_scan > 0`, database);
      expect(used.split("\n")).toEqual(expect.arrayContaining(["grants_live", "transfers_to_destroy_by_time"]));
    });

    test("go on where one dies in the middle, and repeat nothing", async () => {
      const ids = await many(150, SCENE_START + HOUR_MS);
      clock.advance(30 * 24 * HOUR_MS);
      let calls = 0;
      one.watch.after("store.transaction", async () => {
        if (++calls === 3) await known(pools[0]).close();
      });
      await Promise.allSettled([one.sweep(), two.sweep()]);
      await two.sweep();
      const entries = await two.entries();
      for (const type of ["grant/expired", "transfer/expired", "transfer/destroyed"])
        expect(entries.filter((each) => each === type)).toHaveLength(ids.length);
      expect(two.ledger.size).toBe(entries.length);
    });
  });
});
