/** The key service's clock is another one than the server's: what a recipient reads, what the operator reads, and the way back. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64UrlText } from "@safeconduct/foundation";
import {
  confirmedSession,
  removeFolder,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sendFromHere } from "../integration/api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
/** Loaded into both processes by Node's own option, and at work in one: libfaketime cannot tell parent and child apart. */
const SKEW = (file: string) => `
import { readFileSync } from "node:fs";
if (process.argv[1]?.endsWith("/keys/src/main.ts")) {
  const { now } = Date;
  Date.now = () => now() + Number(readFileSync(${JSON.stringify(file)}, "utf8"));
}
`;

let root: string;
let config: string;
let instance: RunningInstance;
const move = async (milliseconds: number) => {
  await writeFile(join(root, "skew.new"), String(milliseconds));
  await rename(join(root, "skew.new"), join(root, "skew"));
};
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  await move(0);
  await writeFile(join(root, "skew.mjs"), SKEW(join(root, "skew")));
  const environment = { NODE_OPTIONS: `--import=${pathToFileURL(join(root, "skew.mjs")).href}` };
  instance = await startInstance({ home: join(root, "home"), environment });
  await setUp(instance, config);
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

test.each([
  ["ahead", 45_000],
  ["behind", -45_000],
])("a key service whose clock is %s opens nothing for now, and everything again afterwards", async (_where, skew) => {
  const content = new Uint8Array([1, 2, 3]);
  const { links } = await sendFromHere({ config, content, address: RECIPIENT });
  const { grant = "" } = links[0] ?? {};
  const session = await confirmedSession(instance, { grant, address: RECIPIENT });
  const { publicKey } = await nodeCrypto().hpke.generateKeyPair();
  const release = async () => {
    const answer = await fetch(`${instance.portal}api/v1/grants/${grant}/release`, {
      method: "POST",
      headers: { authorization: `Bearer ${session}`, "content-type": "application/json" },
      body: JSON.stringify({ ephemeralPublicKey: base64UrlText(publicKey) }),
    });
    return { status: answer.status, told: (await answer.json()) as { code?: string; title?: string } };
  };
  const before = instance.errors().length;
  await move(skew);
  expect(await release()).toMatchObject({
    status: 503,
    told: { code: "keys/unavailable", title: "The key service cannot answer now. Try again in a moment." },
  });
  const logged = () => instance.errors().slice(before);
  await expect.poll(logged).toContain('{"event":"keys/request-refused","reason":"stale"}');
  expect(logged()).toContain('"code":"keys/unavailable"');
  await move(0);
  expect((await release()).status).toBe(200);
});
