/** Real clinical files, odd and damaged ones among them, through one command each way: every byte arrives, whatever it means. */
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import {
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  sharedData,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
/** Debian's python3-pydicom brings its own test files. */
const PYDICOM = "/usr/lib/python3/dist-packages/pydicom/data";

/** Folder of samples by the name that it is sent under. */
function samples(): ReadonlyMap<string, string> {
  const shared = sharedData();
  if (shared !== null) {
    return new Map([
      ["dicom", join(shared, "dicom")],
      ["c-cda", join(shared, "c-cda")],
    ]);
  }
  return existsSync(PYDICOM) ? new Map([["pydicom", PYDICOM]]) : new Map();
}

const found = samples();
const reason = found.size > 0 ? "" : " (skipped: no shared data and no Debian package python3-pydicom)";

describe.skipIf(found.size === 0)(`a folder of DICOM and C-CDA files${reason}`, () => {
  let root: string;
  let config: string;
  let instance: RunningInstance;
  beforeAll(async () => {
    root = await temporaryFolder();
    config = join(root, "config");
    instance = await startInstance({ home: join(root, "home") });
    await setUp(instance, config);
  });
  afterAll(async () => {
    await instance.stop();
    await removeFolder(root);
  });

  test("arrives file by file, byte by byte, under the same names", async () => {
    const folder = join(root, "case");
    await mkdir(folder);
    for (const [name, from] of found) await cp(from, join(folder, name), { recursive: true });
    const names = await filesIn(folder);
    expect(names.length).toBeGreaterThan(20);

    const sent = await runCli(["send", folder, "--to", RECIPIENT, "--purpose", "TREAT", "--json"], { config });
    expect(sent.exitCode, sent.errors).toBe(0);
    const { links } = sent.json as { links: { link: string; passcode: string }[] };
    const out = join(root, "out");
    const received = await runCli(["receive", links[0]?.link ?? "", "--out", out, "--json"], {
      config: join(root, "stranger"),
      answer: async (prompt) =>
        prompt.startsWith("Passcode") ? (links[0]?.passcode ?? "") : mailedCode(instance, RECIPIENT),
    });
    expect(received.exitCode, received.errors).toBe(0);
    expect(await filesIn(join(out, "case"))).toEqual(names);
    for (const name of names) {
      expect((await readFile(join(out, "case", name))).equals(await readFile(join(folder, name))), name).toBe(true);
    }
  });
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}
