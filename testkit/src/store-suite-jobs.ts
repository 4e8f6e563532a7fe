/** Part of the store suite: jobs that wait for their time, are held, replaced and crossed out. */
import type { View } from "@safeconduct/exchange";
import { expect, test } from "vitest";
import { aJob, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

export function storeJobsSuite(store: StoreOfTest): void {
  const dueIds = async (...asked: Parameters<View["jobsDue"]>) =>
    (await store().read((view) => view.jobsDue(...asked))).map(({ id }) => id);
  const save = (...jobs: readonly ReturnType<typeof aJob>[]) =>
    store().transaction(async (tx) => {
      for (const job of jobs) await tx.saveJob(job);
    });

  test("a job comes back as it was saved, held and not", async () => {
    const jobs = [aJob(), aJob({ owner: "one", attempts: 3, payload: '{"a":"ü"}' })];
    await save(...jobs);
    for (const job of jobs) expect(await store().read((view) => view.findJob(job.id))).toEqual(job);
    expect(await store().read((view) => view.findJob(unknownId("job")))).toBeNull();
  });

  test("a job is due at its moment, oldest first, at most as many as asked for", async () => {
    const jobs = [3000, 1000, 2000, 1000].map((dueAt) => aJob({ dueAt }));
    await save(...jobs);
    const expected = [1, 3, 2, 0].map((place) => jobs[place]?.id);
    expect(await dueIds(999, 10)).toEqual([]);
    expect(await dueIds(1000, 10)).toEqual(expected.slice(0, 2));
    for (const limit of [1, 3, 9]) expect(await dueIds(3000, limit)).toEqual(expected.slice(0, limit));
  });

  test("a job takes the place of the one with its key, wholly", async () => {
    const old = aJob({ owner: "one", attempts: 7 });
    const fresh = aJob({ key: old.key, dueAt: 1500 });
    await save(old, fresh);
    expect(await store().read((view) => view.findJob(old.id))).toBeNull();
    expect(await store().read((view) => view.jobsDue(9000, 9))).toEqual([fresh]);
  });

  test("a change changes what it names, and none is made to what is gone", async () => {
    const [job, other] = [aJob(), aJob()];
    await save(job, other);
    await store().transaction(async (tx) => {
      await tx.updateJob(job.id, { owner: "one", dueAt: 4000, attempts: 1 });
      await tx.updateJob(unknownId("job"), { attempts: 9 });
      await tx.deleteJob(other.id);
      await tx.deleteJob(other.id);
      await tx.updateJob(other.id, { attempts: 9 });
    });
    expect(await store().read((view) => view.jobsDue(9000, 9))).toEqual([
      { ...job, owner: "one", dueAt: 4000, attempts: 1 },
    ]);
  });

  test("what one owner holds is freed, and nothing else", async () => {
    const held = aJob({ owner: "one", dueAt: 8000 });
    const others = [aJob({ owner: "two", dueAt: 8000 }), aJob({ dueAt: 8000 })];
    await save(held, ...others);
    await store().transaction((tx) => tx.freeJobs("one", 5000));
    expect(await store().read((view) => view.jobsDue(9000, 9))).toEqual([
      { ...held, owner: null, dueAt: 5000 },
      ...others,
    ]);
  });
}
