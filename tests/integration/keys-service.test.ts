/** The key service as a process behind its signed channel. */
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64UrlText, type Bytes, drawId } from "@safeconduct/foundation";
import {
  emptyBody,
  NONCE_HEADER,
  operationPath,
  REQUEST_LIMIT_BYTES,
  REQUEST_WINDOW_MS,
  RESPONSE_LIMIT_BYTES,
  SIGNATURE_HEADER,
  signRequest,
  TIME_HEADER,
} from "@safeconduct/keyring";
import { openKeyServiceClient } from "@safeconduct/keys-http";
import { KeyServiceScene, keyServiceSuite, outcomeOf } from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKeys, clock, crypto, DidNotStart, type KeyProcess, startKeyProcess } from "./keys-process.ts";

const folders: string[] = [];
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  folders.push(folder);
  return folder;
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

keyServiceSuite("as a process", {
  crypto,
  open: async () => {
    const api = await crypto.signatures.generateKeyPair();
    const running = await startKeyProcess({ home: await freshFolder(), api });
    return { keys: running.keys, clock, close: async () => void (await running.stop()) };
  },
});

describe("the channel", () => {
  let api: ApiKeys;
  let running: KeyProcess;
  beforeAll(async () => {
    api = await crypto.signatures.generateKeyPair();
    running = await startKeyProcess({ home: await freshFolder(), api });
  });
  afterAll(() => running.stop());

  const path = operationPath("public-keys");
  const body = emptyBody.encode("empty");

  interface Sent {
    nonce: Bytes;
    time: number;
    signedBy: Bytes;
    audience: Bytes;
    signedPath: string;
    body: Uint8Array<ArrayBuffer>;
  }

  async function request(changed: Partial<Sent> = {}) {
    const sent: Sent = {
      nonce: crypto.random.bytes(16),
      time: clock.now(),
      signedBy: api.privateKey,
      audience: running.signingPublicKey,
      signedPath: path,
      body,
      ...changed,
    };
    const signed = {
      audience: sent.audience,
      method: "POST",
      path: sent.signedPath,
      nonce: sent.nonce,
      time: sent.time,
      body,
    };
    const signature = await signRequest(crypto, sent.signedBy, signed);
    const headers = {
      "content-type": "application/octet-stream",
      [NONCE_HEADER]: base64UrlText(sent.nonce),
      [TIME_HEADER]: String(sent.time),
      [SIGNATURE_HEADER]: base64UrlText(signature),
    };
    return { method: "POST", headers, body: sent.body };
  }

  const statusOf = async (sent: RequestInit, at = path) => (await fetch(`${running.url}${at}`, sent)).status;

  it("lets a request of the API in once and no replay of it", async () => {
    const sent = await request();
    expect(await statusOf(sent)).toBe(200);
    expect(await statusOf(sent)).toBe(401);
    // The line takes its own way here.
    await expect.poll(running.stderr).toContain('{"event":"keys/request-refused","reason":"replayed"}');
  });

  it("keeps out what another key signed", async () => {
    const { privateKey: signedBy } = await crypto.signatures.generateKeyPair();
    expect(await statusOf(await request({ signedBy }))).toBe(401);
  });

  it("keeps out what was signed for another key service, path or body", async () => {
    expect(await statusOf(await request({ audience: api.publicKey }))).toBe(401);
    expect(await statusOf(await request({ signedPath: operationPath("shred") }))).toBe(401);
    expect(await statusOf(await request({ body: Uint8Array.of(1, 1) }))).toBe(401);
    expect(await statusOf(await request(), `${path}?again`)).toBe(401);
  });

  it("keeps out requests from before and after its window", async () => {
    const away = REQUEST_WINDOW_MS + 10_000;
    expect(await statusOf(await request({ time: clock.now() - away }))).toBe(401);
    expect(await statusOf(await request({ time: clock.now() + away }))).toBe(401);
  });

  it.each([NONCE_HEADER, TIME_HEADER, SIGNATURE_HEADER])(
    "keeps out a request without %s or with nonsense in it",
    async (header) => {
      const sent = await request();
      const { [header]: _left, ...without } = { ...sent.headers } as Record<string, string>;
      expect(await statusOf({ ...sent, headers: without })).toBe(401);
      expect(await statusOf({ ...sent, headers: { ...without, [header]: "!" } })).toBe(401);
    },
  );

  it("keeps out unknown paths, other methods, other types and bodies over the limit", async () => {
    const sent = await request();
    expect(await statusOf(sent, "/v1/everything")).toBe(401);
    expect(await statusOf({ method: "GET", headers: sent.headers })).toBe(401);
    expect(await statusOf({ ...sent, headers: { ...sent.headers, "content-type": "application/json" } })).toBe(401);
    expect(await statusOf({ ...sent, body: new Uint8Array(REQUEST_LIMIT_BYTES + 1) })).toBe(401);
  });

  it("tells a stranger nothing", async () => {
    const refused = await fetch(`${running.url}${path}`, { method: "POST", body });
    expect(await refused.text()).toBe("");
    expect(refused.headers.has(SIGNATURE_HEADER)).toBe(false);
  });

  it("answers nobody who pins another key service", async () => {
    const { publicKey: signingPublicKey } = await crypto.signatures.generateKeyPair();
    const pinned = { signingPublicKey };
    const client = openKeyServiceClient(
      { ...crypto, clock },
      { url: running.url, apiSigningKey: api.privateKey, pinned },
    );
    expect(await outcomeOf(client.publicKeys())).toBe("keys/unavailable");
  });

  it("logs no id, no key and no address", async () => {
    const scene = new KeyServiceScene({ crypto, clock, keys: running.keys });
    const { transfer, grant } = await scene.transferWithGrant();
    await outcomeOf((await scene.drawDevice()).ask(grant, { termsHash: new Uint8Array(32) }));
    await running.keys.shred(scene.named({ transfers: [transfer] }));
    const refused = '{"event":"keys/answered","operation":"release","outcome":"keys/bad-authorisation"}';
    await expect.poll(running.stderr).toContain(refused);
    const log = running.stderr();
    expect(log).not.toMatch(/(org|trf|grt|ses|aut)_/);
    for (const line of log.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("event");
  });
});

describe("an answer that is not the key service's", () => {
  const answers = {
    "no signature": { headers: {}, body: emptyBody.encode("empty") },
    "a signature of nothing": {
      headers: { [SIGNATURE_HEADER]: base64UrlText(new Uint8Array(64)) },
      body: emptyBody.encode("empty"),
    },
    "a body without an end": { headers: {}, body: new Uint8Array(RESPONSE_LIMIT_BYTES + 1) },
    "a redirect": { status: 307, headers: { location: "/elsewhere" }, body: new Uint8Array(0) },
  };

  async function clientOf(server: Server, options: { timeoutMs?: number } = {}) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const { publicKey: signingPublicKey, privateKey: apiSigningKey } = await crypto.signatures.generateKeyPair();
    const url = `http://127.0.0.1:${address.port}`;
    return openKeyServiceClient({ ...crypto, clock }, { url, apiSigningKey, pinned: { signingPublicKey }, ...options });
  }

  it.each(Object.entries(answers))("counts as unavailable: %s", async (_what, answer) => {
    const server = createServer((_request, response) => {
      response.writeHead("status" in answer ? answer.status : 200, answer.headers).end(answer.body);
    });
    const client = await clientOf(server);
    expect(await outcomeOf(client.publicKeys())).toBe("keys/unavailable");
    server.close();
  });

  it("counts as unavailable when it does not come in time, or nobody listens", async () => {
    const server = createServer(() => undefined);
    const client = await clientOf(server, { timeoutMs: 50 });
    expect(await outcomeOf(client.publicKeys())).toBe("keys/unavailable");
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    expect(await outcomeOf(client.publicKeys())).toBe("keys/unavailable");
  });
});

describe("the process", () => {
  it("goes on after a stop where it was, with the same keys", async () => {
    const api = await crypto.signatures.generateKeyPair();
    const home = await freshFolder();
    const first = await startKeyProcess({ home, api });
    const scene = new KeyServiceScene({ crypto, clock, keys: first.keys });
    const { transfer, grant } = await scene.transferWithGrant({ releaseCap: 1 });
    const { grant: shredded } = await scene.transferWithGrant();
    await first.keys.shred(scene.named({ grants: [shredded] }));
    const device = await scene.drawDevice();
    const asked = {
      authorisation: drawId("authorisation", crypto.random),
      organisation: grant.organisation,
      transfer: grant.transfer,
      grant: grant.grant,
      session: device.session,
      asker: "recipient" as const,
      termsHash: grant.termsHash,
      ephemeralPublicKey: device.publicKey,
    };
    const answer = await first.keys.release(asked);
    const keys = await first.keys.publicKeys();
    expect(await first.stop()).toBe(0);

    const second = await startKeyProcess({ home, api });
    expect(await second.keys.publicKeys()).toEqual(keys);
    expect(await second.keys.release(asked)).toEqual(answer);
    expect(await second.keys.status(scene.named({ transfers: [transfer], grants: [grant, shredded] }))).toEqual({
      transfers: [{ state: "active", releases: 0 }],
      grants: [
        { state: "active", releases: 1 },
        { state: "shredded", releases: 0 },
      ],
    });
    expect(await second.stop()).toBe(0);
  });

  it("ends when its parent's pipe does", async () => {
    const api = await crypto.signatures.generateKeyPair();
    const { child } = await startKeyProcess({ home: await freshFolder(), api }, ["--with-parent"]);
    const ended = once(child, "exit");
    child.stdin?.end();
    expect(await ended).toEqual([0, null]);
  });

  it("keeps its folder to itself", async () => {
    const api = await crypto.signatures.generateKeyPair();
    const home = await freshFolder();
    const running = await startKeyProcess({ home, api });
    for (const name of await readdir(home, { recursive: true })) {
      const found = await stat(join(home, name));
      expect([name, found.mode & 0o777]).toEqual([name, found.isDirectory() ? 0o700 : 0o600]);
    }
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    await running.stop();
  });

  async function refusal(started: Promise<KeyProcess>): Promise<{ exitCode: number | null; stderr: string }> {
    const error = await started.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof DidNotStart)) throw new Error("it started");
    return { exitCode: error.exitCode, stderr: error.stderr };
  }

  it("refuses a folder that another process has open, in one line, and takes it once that one was killed", async () => {
    const api = await crypto.signatures.generateKeyPair();
    const home = await freshFolder();
    const first = await startKeyProcess({ home, api });
    const second = await refusal(startKeyProcess({ home, api }));
    expect(second).toEqual({ exitCode: 75, stderr: "The key folder is open in another process.\n" });
    expect(await outcomeOf(first.keys.publicKeys())).toBe("done");
    await first.kill();
    const third = await startKeyProcess({ home, api });
    expect(await third.stop()).toBe(0);
  });

  it("refuses another API key than the one the folder is pinned to", async () => {
    const api = await crypto.signatures.generateKeyPair();
    const home = await freshFolder();
    await (await startKeyProcess({ home, api })).stop();
    const other = await crypto.signatures.generateKeyPair();
    const refused = await refusal(startKeyProcess({ home, api: other }));
    expect(refused).toEqual({ exitCode: 77, stderr: "The key folder is pinned to another API key.\n" });
  });

  it("refuses a port that is taken, and lets go of the folder", async () => {
    const api = await crypto.signatures.generateKeyPair();
    const home = await freshFolder();
    const first = await startKeyProcess({ home: await freshFolder(), api });
    const { port } = new URL(first.url);
    const refused = await refusal(startKeyProcess({ home, api }, ["--port", port]));
    expect(refused).toEqual({ exitCode: 69, stderr: `Port ${port} cannot be listened on; it may be taken.\n` });
    await first.stop();
    expect(await (await startKeyProcess({ home, api })).stop()).toBe(0);
  });

  it("refuses a folder that is a file", async () => {
    const api = await crypto.signatures.generateKeyPair();
    const home = join(await freshFolder(), "lock");
    await (await startKeyProcess({ home, api })).stop();
    const refused = await refusal(startKeyProcess({ home: join(home, "lock"), api }));
    expect(refused).toEqual({
      exitCode: 73,
      stderr: expect.stringMatching(/^The key folder cannot be used \([A-Z]+\)\.\n$/),
    });
  });

  it.each([
    ["an unknown option", ["--verbose"]],
    ["a port that is none", ["--port", "65536"]],
    ["a second key of odd length", ["--api-public-key", "abc"]],
  ])("refuses %s with its usage", async (_what, args) => {
    const api = await crypto.signatures.generateKeyPair();
    const refused = await refusal(startKeyProcess({ home: await freshFolder(), api }, args));
    expect(refused.exitCode).toBe(64);
    expect(refused.stderr).toContain("Usage: keys --home FOLDER");
  });
});
