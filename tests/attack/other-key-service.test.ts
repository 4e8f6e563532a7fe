/** What stands where the key service stood is not believed for standing there. */
import { createServer, type Server } from "node:http";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  confirmedSession,
  removeFolder,
  runCli,
  setUp,
  startInstance,
  type RunningInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
let root: string;
let config: string;
let home: string;
let running: RunningInstance | null = null;
beforeAll(async () => {
  root = await temporaryFolder();
  home = join(root, "home");
  config = join(root, "config");
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
});
afterAll(async () => {
  await running?.stop();
  await removeFolder(root);
});

test("a start with another key folder stops, says which file decides, and goes on once the right one is back", async () => {
  running = await startInstance({ home });
  await setUp(running, config);
  const { port } = running;
  await running.stop();
  running = null;
  await rename(join(home, "keys"), join(root, "keys-away"));
  await expect(startInstance({ home })).rejects.toThrow(/exit 65: .*another key service/s);
  await rm(join(home, "keys"), { recursive: true });
  await rename(join(root, "keys-away"), join(home, "keys"));
  running = await startInstance({ home, port });
  expect(running.setup).toBeNull();
});

test("a program that takes the port of a dead key service is not believed, and the true one comes back", async () => {
  const instance = running;
  if (instance === null) throw new Error("the test before this one starts the server");
  const words = ["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"];
  const sent = await runCli(words, { config });
  expect(sent.exitCode, sent.errors).toBe(0);
  const { links } = sent.json as unknown as { links: { grant: string; link: string }[] };
  const grant = links[0]?.grant ?? "";
  const session = await confirmedSession(instance, { grant, address: RECIPIENT });

  const port = Number(/"event":"keys\/started","port":([0-9]+)/.exec(instance.errors())?.[1]);
  process.kill(instance.keyService(), "SIGKILL");
  const asked: string[] = [];
  const impostor = await listening(port, asked);
  const answer = await fetch(`${instance.portal}api/v1/grants/${grant}/release`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${session}` },
    body: JSON.stringify({ ephemeralPublicKey: Buffer.alloc(1249, 4).toString("base64url") }),
  });
  expect(answer.status).toBe(503);
  expect(((await answer.json()) as { code: string }).code).toBe("keys/unavailable");
  expect(asked.length).toBeGreaterThan(0);
  await new Promise((resolve) => {
    impostor.close(resolve);
    impostor.closeAllConnections();
  });
  await vi.waitFor(async () => expect((await fetch(`${instance.portal}api/v1/instance`)).status).toBe(200), {
    timeout: 30_000,
    interval: 100,
  });
});

/** Says yes to everything, unsigned. Takes the port as soon as it is free. */
async function listening(port: number, asked: string[]): Promise<Server> {
  for (;;) {
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(Buffer.alloc(200, 1));
    });
    const taken = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(true));
      server.listen(port, "127.0.0.1", () => resolve(false));
    });
    if (!taken) return server;
  }
}
