/** The key service killed at random moments of its work, and old copies of its folder put back. */
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawId } from "@safeconduct/foundation";
import {
  KeyServiceScene,
  outcomeOf,
  type SceneDevice,
  type SceneGrant,
  type SceneTransfer,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKeys, clock, crypto, DidNotStart, startKeyProcess } from "../integration/keys-process.ts";

const folders: string[] = [];
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  folders.push(folder);
  return folder;
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

let api: ApiKeys;
beforeAll(async () => {
  api = await crypto.signatures.generateKeyPair();
});

const ROUNDS = 12;
const PAIRS = 8;

/** A transfer with one grant and one device, and what of it was acknowledged before the kill. */
interface Story {
  readonly transfer: SceneTransfer;
  readonly grant: SceneGrant;
  readonly device: SceneDevice;
  readonly request: Parameters<SceneDevice["ask"]>[1];
  added: boolean;
  answer: Awaited<ReturnType<SceneDevice["ask"]>> | null;
  shredAsked: boolean;
  statements: readonly Uint8Array[] | null;
}

describe("a key service that is killed", () => {
  it(`${ROUNDS} times at random moments keeps what it acknowledged and never brings back what it destroyed`, async () => {
    const home = await freshFolder();
    const told: Story[] = [];
    const organisation = drawId("organisation", crypto.random);

    for (let round = 0; round < ROUNDS; round++) {
      const running = await startKeyProcess({ home, api });
      const scene = new KeyServiceScene({ crypto, clock, keys: running.keys, organisation });
      for (const story of told.slice(-PAIRS)) expect(await contradiction(scene, story)).toBeNull();

      const stories = await Promise.all(
        Array.from({ length: PAIRS }, async (_, at): Promise<Story> => {
          const transfer = await scene.drawTransfer();
          const grant = await scene.drawGrant(transfer, { releaseCap: 1 });
          const request = { authorisation: drawId("authorisation", crypto.random) };
          const nothing = { added: false, answer: null, shredAsked: at % 2 === 0, statements: null };
          return { transfer, grant, request, device: await scene.drawDevice(), ...nothing };
        }),
      );
      told.push(...stories);
      // So many answers are let through; the kill meets whatever is under way then. In the first round all are.
      const [draw = 0] = crypto.random.bytes(1);
      const enough = Promise.withResolvers<void>();
      let answersLeft = round === 0 ? Number.POSITIVE_INFINITY : draw % (3 * PAIRS);
      const answered = () => {
        if (answersLeft-- <= 0) enough.resolve();
      };
      const working = Promise.allSettled(
        stories.map(async (story) => {
          const named = scene.named({ transfers: [story.transfer], grants: [story.grant] });
          await running.keys.addTransfer(story.transfer.request);
          await running.keys.addGrant(story.grant.request);
          story.added = true;
          answered();
          story.answer = await story.device.ask(story.grant, story.request);
          answered();
          if (!story.shredAsked) return;
          story.statements = (await running.keys.shred(named)).statements;
          answered();
        }),
      );
      await Promise.race([enough.promise, working]);
      await running.kill();
      await working;
    }

    const last = await startKeyProcess({ home, api });
    const scene = new KeyServiceScene({ crypto, clock, keys: last.keys, organisation });
    for (const story of told) expect(await contradiction(scene, story)).toBeNull();
    // The test saw work that was done and work that was cut off.
    expect(told.filter((story) => story.statements !== null).length).toBeGreaterThan(0);
    expect(told.filter((story) => story.answer === null).length).toBeGreaterThan(0);
    expect(await last.stop()).toBe(0);
  });

  /** What the key service now says against what was acknowledged, or null if they agree. */
  async function contradiction(scene: KeyServiceScene, story: Story): Promise<string | null> {
    const { transfer, grant, device, request } = story;
    const states = await scene.stateOf({ transfers: [transfer], grants: [grant] });
    if (story.statements !== null) {
      const gone = states.every((state) => state === "shredded");
      if (!gone) return `destroyed, and now ${states.join()}`;
      const release = await outcomeOf(scene.askFrom(device, grant, request));
      return release === "keys/shredded" ? null : `destroyed, and a release says ${release}`;
    }
    const shredded = states.every((state) => state === "shredded");
    if (shredded && story.shredAsked && story.answer !== null) return null;
    if (story.added && !states.every((state) => state === "active")) return `added, and now ${states.join()}`;
    if (story.answer === null) return null;
    const again = await scene.askFrom(device, grant, request);
    const same = Buffer.compare(again.sealedShares, story.answer.sealedShares) === 0 && again.releases === 1;
    return same ? null : "released, and now counted or answered otherwise";
  }
});

describe("an old copy of the key folder", () => {
  async function shreddedAfterACopy() {
    const [home, copy] = [await freshFolder(), await freshFolder()];
    const first = await startKeyProcess({ home, api });
    const scene = new KeyServiceScene({ crypto, clock, keys: first.keys });
    const { transfer, grant } = await scene.transferWithGrant();
    // The ring holds the share, not only the journal.
    await first.keys.shred(scene.named({ transfers: [await scene.addTransfer()] }));
    await cp(home, copy, { recursive: true });
    await first.keys.shred(scene.named({ transfers: [transfer] }));
    await first.stop();
    return { home, copy, scene, grant };
  }

  it("opens nothing with the masters of today", async () => {
    const { home, copy } = await shreddedAfterACopy();
    await rm(join(copy, "masters"), { recursive: true });
    await cp(join(home, "masters"), join(copy, "masters"), { recursive: true });
    expect(await refusal(copy)).toEqual({
      exitCode: 65,
      stderr:
        "The key folder cannot be opened: the master key of this ring is missing or destroyed. Nothing was changed.\n",
    });
    await cp(join(home, "masters", "master-3"), join(copy, "masters", "master-2"));
    expect(await refusal(copy)).toMatchObject({ exitCode: 65 });
  });

  it("opens with its own master: whoever kept both kept the share, and the threat model says so", async () => {
    const { copy, scene, grant } = await shreddedAfterACopy();
    const running = await startKeyProcess({ home: copy, api });
    const restored = new KeyServiceScene({ crypto, clock, keys: running.keys, organisation: scene.organisation });
    expect(await restored.stateOf({ grants: [grant] })).toEqual(["active"]);
    expect(await outcomeOf((await restored.drawDevice()).ask(grant))).toBe("done");
    await running.stop();
  });
});

describe("a damaged key folder", () => {
  it.each([
    ["ring", "the ring file is damaged or does not belong to this master key"],
    ["journal-1", "record 0 of the journal is damaged"],
    ["identity", "the identity file is damaged"],
  ])("is refused with one line about its %s", async (name, reason) => {
    const home = await freshFolder();
    const running = await startKeyProcess({ home, api });
    await new KeyServiceScene({ crypto, clock, keys: running.keys }).addTransfer();
    await running.stop();
    const path = join(home, name);
    const content = await readFile(path);
    const at = name === "identity" ? 0 : 40;
    content[at] = (content[at] ?? 0) ^ 1;
    await writeFile(path, content);
    const stderr = `The key folder cannot be opened: ${reason}. Nothing was changed.\n`;
    expect(await refusal(home)).toEqual({ exitCode: 65, stderr });
    expect(await readFile(path)).toEqual(content);
  });

  it("is refused without its identity, which clients have pinned", async () => {
    const home = await freshFolder();
    await (await startKeyProcess({ home, api })).stop();
    await rm(join(home, "identity"));
    expect(await refusal(home)).toMatchObject({ exitCode: 65 });
  });
});

describe("a disk that fails under a running key service", () => {
  async function runningWithGrant() {
    const home = await freshFolder();
    const running = await startKeyProcess({ home, api });
    const scene = new KeyServiceScene({ crypto, clock, keys: running.keys });
    return { home, running, scene, ...(await scene.transferWithGrant({ releaseCap: 1 })) };
  }

  it("before the new ring counts: the destruction is refused, and succeeds when the disk is well", async () => {
    const { home, running, scene, transfer } = await runningWithGrant();
    await rename(join(home, "masters"), join(home, "away"));
    expect(await outcomeOf(running.keys.shred(scene.named({ transfers: [transfer] })))).toBe("keys/unavailable");
    expect(await scene.stateOf({ transfers: [transfer] })).toEqual(["active"]);
    await rename(join(home, "away"), join(home, "masters"));
    expect(await outcomeOf(running.keys.shred(scene.named({ transfers: [transfer] })))).toBe("done");
    expect(await running.stop()).toBe(0);
  });

  it("when nobody can say what counts: it ends with 70, and the next start judges", async () => {
    const { home, running, scene, transfer, grant } = await runningWithGrant();
    const device = await scene.drawDevice();
    await device.ask(grant);
    // No ring can be renamed over a folder with something in it.
    await rename(join(home, "ring"), join(home, "away"));
    await mkdir(join(home, "ring", "in-the-way"), { recursive: true });
    expect(await outcomeOf(running.keys.shred(scene.named({ transfers: [transfer] })))).toBe("keys/unavailable");
    expect(await running.ended).toBe(70);
    expect(running.stderr()).toContain('{"event":"keys/store-lost"}');
    await rm(join(home, "ring"), { recursive: true });
    await rename(join(home, "away"), join(home, "ring"));

    const next = await startKeyProcess({ home, api });
    const again = new KeyServiceScene({ crypto, clock, keys: next.keys, organisation: scene.organisation });
    expect((await next.keys.status(again.named({ grants: [grant] }))).grants).toEqual([
      { state: "active", releases: 1 },
    ]);
    expect(await outcomeOf(next.keys.shred(again.named({ transfers: [transfer] })))).toBe("done");
    expect(await next.stop()).toBe(0);
  });
});

async function refusal(home: string): Promise<{ exitCode: number | null; stderr: string }> {
  try {
    const running = await startKeyProcess({ home, api });
    await running.stop();
  } catch (error) {
    if (error instanceof DidNotStart) return { exitCode: error.exitCode, stderr: error.stderr };
    throw error;
  }
  throw new Error("it started");
}
