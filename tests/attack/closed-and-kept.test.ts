/** Suspended links stay closed and held transfers stay whole, over HTTP, through kill -9, and whoever asks otherwise. */
import { join } from "node:path";
import { apiClient, type Client } from "@safeconduct/contract";
import { isProblem } from "@safeconduct/foundation";
import {
  confirmedSession,
  removeFolder,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentOf, openFromHere, sendFromHere } from "../integration/api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
/** Sessions end with their grant. */
const SESSION_OVER = "grant/session-required";
const CONTENT = new Uint8Array(1000).fill(7);

let root: string;
let config: string;
let member: Client;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home"), args: ["--expiry-grace", "1"] });
  const { apiToken } = await setUp(instance, config);
  member = as(apiToken);
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const as = (bearer?: string) =>
  apiClient({ origin: new URL(instance.portal).origin, fetch, ...(bearer === undefined ? {} : { bearer }) });

/** "done", or the code of the refusal. */
async function outcome(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return "done";
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
}

async function sealed(lifeMs = 3_600_000) {
  const { transfer, links } = await sendFromHere({ config, content: CONTENT, address: RECIPIENT, lifeMs });
  const { grant = "", link = "" } = links[0] ?? {};
  const session = await confirmedSession(instance, { grant, address: RECIPIENT });
  return {
    ids: { path: { transfer, grant } },
    of: { path: { transfer } },
    session,
    open: () => outcome(openFromHere({ link, session }).then(contentOf)),
    state: async () => (await member.call("transfer", { path: { transfer } })).state,
  };
}

/** kill -9 of the key service; resolves when the server has started it anew. */
async function killKeys(): Promise<void> {
  const killed = instance.keyService();
  process.kill(killed, "SIGKILL");
  await expect.poll(() => instance.keyService(), { timeout: 20_000 }).not.toBeOneOf([0, killed]);
}

/** Whoever has the link, its session or nothing at all. */
const strangers = (session: string) => [as(session), as(), as("A".repeat(43))];

describe("a suspended link", () => {
  test("opens nothing, after a kill of the key service either, until its sender resumes it", async () => {
    const { ids, open } = await sealed();
    expect(await open()).toBe("done");
    await member.call("suspendGrant", ids);
    expect(await open()).toBe("grant/unavailable");
    await killKeys();
    expect(await open()).toBe("grant/unavailable");
    // The key service is on its way up: to resume needs its word, and may be asked for again.
    await expect.poll(() => outcome(member.call("resumeGrant", ids)), { timeout: 20_000 }).toBe("done");
    expect(await open()).toBe("done");
  });

  test("is resumed by nobody else, and not after it was revoked", async () => {
    const { ids, session, open } = await sealed();
    await member.call("suspendGrant", ids);
    for (const stranger of strangers(session))
      expect(await outcome(stranger.call("resumeGrant", ids))).toBe("sign-in/required");
    expect(await open()).toBe("grant/unavailable");
    await member.call("revokeGrant", ids);
    expect(await outcome(member.call("resumeGrant", ids))).toBe("grant/already-ended");
    expect(await open()).toBe(SESSION_OVER);
  });
});

describe("a hold", () => {
  test("keeps what ended by time, through kills of both processes, until its last one is lifted; it opens nothing", async () => {
    const { of, session, open, state } = await sealed(3_000);
    expect(await open()).toBe("done");
    await member.call("placeHold", { ...of, body: { reason: "litigation" } });
    await member.call("placeHold", { ...of, body: { reason: "audit" } });
    await expect.poll(state, { timeout: 20_000 }).toBe("expired");
    const port = { home: instance.home, port: instance.port, args: ["--expiry-grace", "1"] };
    await instance.kill();
    instance = await startInstance(port);
    await killKeys();
    expect(await open()).toBe(SESSION_OVER);
    for (const stranger of strangers(session)) {
      const lifted = stranger.call("liftHold", { ...of, body: { reason: null } });
      expect(await outcome(lifted)).toBe("sign-in/required");
    }
    await member.call("liftHold", { ...of, body: { reason: "audit" } });
    // What is due elsewhere goes meanwhile: the sweep has been by.
    const other = await sealed();
    await member.call("revokeTransfer", other.of);
    await expect.poll(other.state, { timeout: 20_000 }).toBe("destroyed");
    expect(await state()).toBe("expired");
    await member.call("liftHold", { ...of, body: { reason: null } });
    await expect.poll(state, { timeout: 20_000 }).toBe("destroyed");
    expect(await open()).toBe(SESSION_OVER);
  });

  test("placed first wins over a revocation, which closes at once and destroys when it is lifted; placed after, it is too late", async () => {
    const { of, open, state } = await sealed();
    await member.call("placeHold", { ...of, body: { reason: "investigation" } });
    await member.call("revokeTransfer", of);
    expect(await open()).toBe(SESSION_OVER);
    const other = await sealed();
    await member.call("revokeTransfer", other.of);
    await expect.poll(other.state, { timeout: 20_000 }).toBe("destroyed");
    expect(await state()).toBe("revoked");
    expect(await outcome(member.call("placeHold", { ...other.of, body: { reason: "audit" } }))).toBe("hold/too-late");
    await member.call("liftHold", { ...of, body: { reason: null } });
    await expect.poll(state, { timeout: 20_000 }).toBe("destroyed");
    expect(await outcome(member.call("liftHold", { ...of, body: { reason: null } }))).toBe("hold/none");
  });
});
