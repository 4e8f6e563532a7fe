/** Ten thousand files in one package, through the command line: each arrives, and the server learns no name. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const SERIES = 100;
const IMAGES = 100;
const NAME = "Haberland-4711";
const contentOf = (series: number, image: number) => `image ${image} of series ${series}. `.repeat(image);

let root: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  instance = await startInstance({ home: join(root, "home") });
  await setUp(instance, join(root, "config"));
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const folderOf = (home: string, series: number) => join(home, NAME, `series ${series}`);
const everyImage = async (work: (series: number, image: number) => Promise<void>) => {
  for (let series = 0; series < SERIES; series++)
    for (let image = 0; image < IMAGES; image++) await work(series, image);
};

test("a study of 10,000 images is sent, received and the same, and no name of it lies on the server", async () => {
  for (let series = 0; series < SERIES; series++) await mkdir(folderOf(root, series), { recursive: true });
  await everyImage((series, image) =>
    writeFile(join(folderOf(root, series), `${image}.dcm`), contentOf(series, image)),
  );
  const sent = await runCli(["send", join(root, NAME), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], {
    config: join(root, "config"),
  });
  expect(sent.exitCode, sent.errors).toBe(0);
  const { links } = sent.json as { links: { link: string }[] };
  const out = join(root, "out");
  const received = await runCli(["receive", links[0]?.link ?? "", "--out", out, "--json"], {
    config: join(root, "stranger"),
    answer: () => mailedCode(instance, RECIPIENT),
  });
  expect(received.exitCode, received.errors).toBe(0);
  // The longest result there is: it must reach the reader to its end.
  expect((received.json as { files: unknown[] }).files).toHaveLength(SERIES * IMAGES);
  await everyImage(async (series, image) => {
    expect(await readFile(join(folderOf(out, series), `${image}.dcm`), "utf8")).toBe(contentOf(series, image));
  });
  const entries = await readdir(join(root, "home"), { recursive: true, withFileTypes: true });
  expect(entries.filter(({ name }) => name.includes(NAME))).toEqual([]);
  const stored = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(stored.length).toBeGreaterThan(5);
  for (const path of stored) expect((await readFile(path)).includes(NAME), path).toBe(false);
});
