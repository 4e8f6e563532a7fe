/** Mail scanners and link previews look at everything: no GET, HEAD or OPTIONS of anything a link leads to changes a row. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  confirmedSession,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";

let root: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  instance = await startInstance({ home: join(root, "home") });
  await setUp(instance, join(root, "config"));
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

/** Every row of every table. */
function dump(): Record<string, unknown[]> {
  const db = new DatabaseSync(join(root, "home", "safeconduct.sqlite"), { readOnly: true });
  try {
    const tables = db.prepare("select name from sqlite_schema where type = 'table' order by name").all();
    const rows = tables.map(({ name }) => [String(name), db.prepare(`select * from "${String(name)}"`).all()] as const);
    return Object.fromEntries<unknown[]>(rows);
  } finally {
    db.close();
  }
}

test("no look at a link, its page, its API or its bytes changes a row or the log", async () => {
  const words = [
    "send",
    join(root, "note.txt"),
    "--to",
    RECIPIENT,
    "--purpose",
    "TREAT",
    "--public",
    "--cap",
    "1",
    "--json",
  ];
  const run = await runCli(words, { config: join(root, "config") });
  expect(run.exitCode, run.errors).toBe(0);
  const { links } = run.json as { links: { grant: string; link: string }[] };
  const { grant = "", link = "" } = links[0] ?? {};
  const session = await confirmedSession(instance, { grant, address: RECIPIENT });
  const blob = await fetch(`${instance.portal}api/v1/grants/${grant}/blob`, {
    method: "POST",
    headers: { authorization: `Bearer ${session}` },
  });
  const { url } = (await blob.json()) as { url: string };
  const before = { rows: dump(), log: await (await fetch(instance.checkpoint)).text() };
  expect(before.rows["grants"]).toHaveLength(2);
  const looked = [
    link,
    link.split("#")[0] ?? "",
    url,
    ...["", "/codes", "/confirmations", "/release", "/blob", "/receipt"].map(
      (act) => `${instance.portal}api/v1/grants/${grant}${act}`,
    ),
  ];
  const statuses = new Map<string, number>();
  for (const address of looked) {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      for (const headers of [{}, { authorization: `Bearer ${session}` }]) {
        const answer = await fetch(address, { method, headers });
        await answer.arrayBuffer();
        statuses.set(`${method} ${address}`, answer.status);
      }
    }
  }
  // They were the right addresses: page, invitation and bytes are there to be looked at, acts are not.
  expect(statuses.get(`GET ${link}`)).toBe(200);
  expect(statuses.get(`GET ${instance.portal}api/v1/grants/${grant}`)).toBe(200);
  expect(statuses.get(`GET ${url}`)).toBe(200);
  expect(statuses.get(`GET ${instance.portal}api/v1/grants/${grant}/codes`)).toBe(404);
  expect({ rows: dump(), log: await (await fetch(instance.checkpoint)).text() }).toEqual(before);
});
