import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, hexText, utf8Bytes, utf8Text } from "@safeconduct/foundation";
import { DamagedStore, StoreFailure } from "@safeconduct/keyring";
import { describe, expect, it } from "vitest";
import { masterFiles } from "./master-files.ts";
import { RingFolder } from "./ring-folder.ts";
import { CRASH_REMAINS, DiskError, SimulatedDisk } from "./simulated-disk.ts";

const { aead, random } = nodeCrypto();
const FOLDER = "/keys";

function folderOn(files: SimulatedDisk): RingFolder {
  return new RingFolder({ files, masters: masterFiles({ files, aead, random }, `${FOLDER}/masters`), random }, FOLDER);
}

/** What a store holds, in words. */
interface Held {
  readonly generation: number;
  readonly ring: string;
  readonly journal: readonly string[];
}

async function held(store: RingFolder): Promise<Held> {
  const { generation, ring, journal } = await store.open();
  return { generation, ring: text(ring), journal: journal.map(text) };
}

const text = (bytes: Bytes) => utf8Text(bytes) ?? "not text";

/** One life of a store: each step, and what it holds once the step is acknowledged. */
const LIFE: readonly { readonly act: (store: RingFolder) => Promise<unknown>; readonly holds: Held }[] = [
  { act: (store) => store.open(), holds: { generation: 1, ring: "", journal: [] } },
  { act: (store) => store.appendJournal([utf8Bytes("one")]), holds: { generation: 1, ring: "", journal: ["one"] } },
  {
    act: (store) => store.appendJournal([utf8Bytes("two"), utf8Bytes("three")]),
    holds: { generation: 1, ring: "", journal: ["one", "two", "three"] },
  },
  { act: (store) => store.replaceRing(utf8Bytes("ring two")), holds: { generation: 2, ring: "ring two", journal: [] } },
  {
    act: (store) => store.appendJournal([utf8Bytes("four")]),
    holds: { generation: 2, ring: "ring two", journal: ["four"] },
  },
  {
    act: (store) => store.replaceRing(utf8Bytes("ring three")),
    holds: { generation: 3, ring: "ring three", journal: [] },
  },
];

/** Lives until a step fails. Answers what was acknowledged, what was under way and how it failed. */
async function live(disk: SimulatedDisk) {
  const store = folderOn(disk);
  let acknowledged: Held | null = null;
  for (const { act, holds } of LIFE) {
    try {
      await act(store);
    } catch (error) {
      return { store, acknowledged, underWay: holds, act, error };
    }
    acknowledged = holds;
  }
  return { store, acknowledged, underWay: null, act: null, error: null };
}

/** The number of operations in a whole life, so that each can fail in turn. */
async function operationsOfALife(): Promise<number> {
  const disk = new SimulatedDisk();
  await live(disk);
  return disk.operations;
}

const operations = await operationsOfALife();
const everyOperation = Array.from({ length: operations }, (_, at) => at + 1);
const EMPTY: Held = { generation: 1, ring: "", journal: [] };

/** The state before a step, after it and, for records appended together, with the first few of them. */
function statesBetween(before: Held, after: Held): readonly Held[] {
  if (after.generation !== before.generation) return [before, after];
  return [before, ...after.journal.map((_, at) => ({ ...after, journal: after.journal.slice(0, at + 1) })), after];
}

/** How a life went on after the operation `at` failed; anything else than the three good ways says what it held. */
async function lifeWithFailureAt(at: number): Promise<string> {
  const disk = new SimulatedDisk();
  disk.fault = { at, kind: "failure" };
  const { store, acknowledged, underWay, act, error } = await live(disk);
  const found = await held(folderOn(disk.reboot("everything")));
  const holds = (state: Held | null) => JSON.stringify(found) === JSON.stringify(state);
  if (error instanceof StoreFailure && !error.lasting) {
    if (!holds(acknowledged)) return `operation ${at}: not taken back: ${JSON.stringify(found)}`;
    await act?.(store);
    const after = await held(folderOn(disk));
    const repeated = JSON.stringify(after) === JSON.stringify(underWay);
    return repeated ? "taken back and repeated" : `operation ${at}: not repeated: ${JSON.stringify(after)}`;
  }
  const whole = statesBetween(acknowledged ?? EMPTY, underWay ?? EMPTY).some(holds);
  if (!whole) return `operation ${at}: broken: ${JSON.stringify(found)}`;
  if (error instanceof StoreFailure) return "lasting, and whole when opened";
  return error instanceof DiskError && acknowledged === null ? "not opened" : `operation ${at}: ${String(error)}`;
}

describe("a ring folder", () => {
  it("gives back after a new start what it took", async () => {
    for (let steps = 1; steps <= LIFE.length; steps++) {
      const disk = new SimulatedDisk();
      const store = folderOn(disk);
      for (const { act } of LIFE.slice(0, steps)) await act(store);
      expect(await held(folderOn(disk))).toEqual(LIFE[steps - 1]?.holds);
    }
  });

  it.each(CRASH_REMAINS)(
    "holds what was acknowledged after a power cut at any operation that leaves %s unsynced",
    async (remains) => {
      for (const at of everyOperation) {
        const disk = new SimulatedDisk();
        disk.fault = { at, kind: "crash" };
        const { acknowledged, underWay, error } = await live(disk);
        expect(error, `operation ${at}`).not.toBeNull();
        const after = disk.reboot(remains);
        const found = await held(folderOn(after));
        expect(statesBetween(acknowledged ?? EMPTY, underWay ?? EMPTY), `operation ${at}`).toContainEqual(found);
        // And it goes on from there.
        const store = folderOn(after);
        const { generation } = await store.open();
        await store.replaceRing(utf8Bytes("next"));
        expect(await held(folderOn(after))).toEqual({ generation: generation + 1, ring: "next", journal: [] });
        expect(after.paths()).toEqual([
          `${FOLDER}/journal-${generation + 1}`,
          `${FOLDER}/masters/master-${generation + 1}`,
          `${FOLDER}/ring`,
          `${FOLDER}/version`,
        ]);
      }
    },
  );

  it("takes a step back, or says that it must be opened anew, when any one operation fails", async () => {
    const verdicts = await Promise.all(everyOperation.map(lifeWithFailureAt));
    expect(new Set(verdicts)).toEqual(
      new Set(["not opened", "taken back and repeated", "lasting, and whole when opened"]),
    );
  });

  it("has destroyed the old master, on the disk too, when it says that a ring is replaced", async () => {
    const disk = new SimulatedDisk();
    const store = folderOn(disk);
    await store.open();
    const master = await disk.read(`${FOLDER}/masters/master-1`);
    await store.replaceRing(utf8Bytes("next"));
    expect(master).toHaveLength(32);
    for (const remains of CRASH_REMAINS) {
      const after = disk.reboot(remains);
      for (const content of [...disk.contents(), ...after.contents()]) expect(content).not.toEqual(master);
      expect(after.paths()).not.toContain(`${FOLDER}/masters/master-1`);
    }
  });

  it("writes no share in clear", async () => {
    const disk = new SimulatedDisk();
    const store = folderOn(disk);
    const share = random.bytes(32);
    await store.open();
    await store.appendJournal([share]);
    const journal = disk.contents();
    await store.replaceRing(share);
    for (const content of [...journal, ...disk.contents()]) expect(contains(content, share)).toBe(false);
  });
});

describe("a damaged ring folder", () => {
  async function filled(): Promise<SimulatedDisk> {
    const disk = new SimulatedDisk();
    const store = folderOn(disk);
    await store.open();
    await store.replaceRing(utf8Bytes("a ring"));
    await store.appendJournal([utf8Bytes("first")]);
    await store.appendJournal([utf8Bytes("second")]);
    return disk;
  }

  /** Whether the folder is refused as damaged and left byte for byte as it was. */
  async function refuses(disk: SimulatedDisk): Promise<boolean> {
    const before = await snapshot(disk);
    const refused = await folderOn(disk)
      .open()
      .then(
        () => false,
        (error: unknown) => error instanceof DamagedStore,
      );
    return refused && (await snapshot(disk)) === before;
  }

  async function snapshot(disk: SimulatedDisk): Promise<string> {
    const contents = disk.paths().map(async (path) => [path, hexText((await disk.read(path)) ?? new Uint8Array(0))]);
    return JSON.stringify(await Promise.all(contents));
  }

  it.each(["ring", "journal-2", "version", "masters/master-2"])(
    "is refused, and left as it is, for a flip of any bit of %s",
    async (name) => {
      const disk = await filled();
      const path = `${FOLDER}/${name}`;
      const content = (await disk.read(path)) ?? new Uint8Array(0);
      expect(content.length).toBeGreaterThan(0);
      for (let at = 0; at < content.length; at++) {
        for (let bit = 1; bit < 256; bit <<= 1) {
          const flipped = content.map((byte, position) => (position === at ? byte ^ bit : byte));
          disk.tamper(path, flipped);
          expect(await refuses(disk)).toBe(true);
        }
      }
    },
  );

  it.each(["ring", "journal-2", "version", "masters/master-2"])("is refused without %s", async (name) => {
    const disk = await filled();
    disk.tamper(`${FOLDER}/${name}`, null);
    expect(await refuses(disk)).toBe(true);
  });

  it("is refused with a ring or a master cut short anywhere", async () => {
    for (const name of ["ring", "masters/master-2", "version"]) {
      const disk = await filled();
      const path = `${FOLDER}/${name}`;
      const content = (await disk.read(path)) ?? new Uint8Array(0);
      for (let length = 0; length < content.length; length++) {
        disk.tamper(path, content.slice(0, length));
        expect(await refuses(disk)).toBe(true);
      }
    }
  });

  it("is refused with bytes behind the ring", async () => {
    const disk = await filled();
    const content = (await disk.read(`${FOLDER}/ring`)) ?? new Uint8Array(0);
    disk.tamper(`${FOLDER}/ring`, Uint8Array.of(...content, 0));
    expect(await refuses(disk)).toBe(true);
  });

  it("is refused when its journal lost a record in the middle, or has two in another order", async () => {
    const disk = await filled();
    const path = `${FOLDER}/journal-2`;
    const content = (await disk.read(path)) ?? new Uint8Array(0);
    const header = 13;
    const first = 8 + 12 + "first".length + 16;
    const [head, one, two] = [
      content.slice(0, header),
      content.slice(header, header + first),
      content.slice(header + first),
    ];
    disk.tamper(path, Uint8Array.of(...head, ...two));
    expect(await refuses(disk)).toBe(true);
    disk.tamper(path, Uint8Array.of(...head, ...two, ...one));
    expect(await refuses(disk)).toBe(true);
    disk.tamper(path, Uint8Array.of(...head, ...one, ...one, ...two));
    expect(await refuses(disk)).toBe(true);
  });

  it("loses nothing but the last record to a cut in it, and takes new ones after that", async () => {
    const disk = await filled();
    const path = `${FOLDER}/journal-2`;
    const content = (await disk.read(path)) ?? new Uint8Array(0);
    const lastRecord = 8 + 12 + "second".length + 16;
    for (let cut = 1; cut <= lastRecord; cut++) {
      disk.tamper(path, content.slice(0, content.length - cut));
      const store = folderOn(disk);
      expect((await store.open()).journal.map(text)).toEqual(["first"]);
      await store.appendJournal([utf8Bytes("third")]);
      expect((await folderOn(disk).open()).journal.map(text)).toEqual(["first", "third"]);
    }
  });

  it("takes zeros behind the journal for a record that never arrived", async () => {
    const disk = await filled();
    const path = `${FOLDER}/journal-2`;
    const content = (await disk.read(path)) ?? new Uint8Array(0);
    disk.tamper(path, Uint8Array.of(...content, ...new Uint8Array(100)));
    expect((await folderOn(disk).open()).journal.map(text)).toEqual(["first", "second"]);
    expect(await disk.read(path)).toEqual(content);
  });

  it("is never taken for a new one when everything but its masters is gone", async () => {
    const disk = await filled();
    for (const name of ["ring", "journal-2", "version"]) disk.tamper(`${FOLDER}/${name}`, null);
    expect(await refuses(disk)).toBe(true);
  });

  it("is refused with an old ring under a new master, and opens with both of the same age", async () => {
    const disk = new SimulatedDisk();
    const store = folderOn(disk);
    await store.open();
    await store.replaceRing(utf8Bytes("the share is here"));
    const old = disk.reboot("everything");
    await store.replaceRing(utf8Bytes("the share is gone"));
    const ring = await old.read(`${FOLDER}/ring`);
    const journal = await old.read(`${FOLDER}/journal-2`);
    disk.tamper(`${FOLDER}/ring`, ring);
    disk.tamper(`${FOLDER}/journal-2`, journal);
    expect(await refuses(disk)).toBe(true);
    // Renamed to the old generation, the new master still does not open the old ring.
    disk.tamper(`${FOLDER}/masters/master-2`, await disk.read(`${FOLDER}/masters/master-3`));
    expect(await refuses(disk)).toBe(true);
    // Said openly in the threat model: whoever kept both has the share.
    disk.tamper(`${FOLDER}/masters/master-2`, await old.read(`${FOLDER}/masters/master-2`));
    expect((await held(folderOn(disk))).ring).toBe("the share is here");
  });
});

function contains(content: Bytes, part: Bytes): boolean {
  for (let at = 0; at + part.length <= content.length; at++) {
    if (part.every((byte, offset) => content[at + offset] === byte)) return true;
  }
  return false;
}
