/** The pages as a browser asks for them: every member path, the recipient's page, the wrong host name, and what is not there. */
import { join } from "node:path";
import { type RunningInstance, removeFolder, startInstance, temporaryFolder } from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let root: string;
let instance: RunningInstance;

beforeAll(async () => {
  root = await temporaryFolder();
  instance = await startInstance({ home: join(root, "home") });
});

afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const ask = (path: string, { accept = "text/html", host = "localhost" } = {}) =>
  fetch(`http://${host}:${instance.port}${path}`, { headers: { accept }, redirect: "manual" });

const RECIPIENT_PATH = "/r/grt_aaaaaaaaaaaaaaaaaaaaaaaaaa";

test.each(["/", "/setup", "/sign-in", "/tokens", "/mailbox", RECIPIENT_PATH])(
  "%s is a page, also after a reload, under a policy without exceptions",
  async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
  },
);

test("no cache keeps a page, and what carries its hash is kept for good", async () => {
  const cacheOf = async (path: string) => (await ask(path)).headers.get("cache-control");
  const recipients = await ask(RECIPIENT_PATH);
  expect(recipients.headers.get("cache-control")).toBe("no-store");
  expect(await cacheOf("/")).toBe("no-store");
  expect(await cacheOf("/nothing/here")).toBe("no-store");
  const assets = [...(await recipients.text()).matchAll(/"(\/assets\/[^"]+)"/gu)].map(([, path = ""]) => path);
  expect(assets.length).toBeGreaterThan(5);
  for (const path of assets) expect(await cacheOf(path), path).toBe("public, max-age=31536000, immutable");
});

test("a recipient's page frames only itself, is framed by nobody and tells no other place where it was", async () => {
  const { headers } = await ask(RECIPIENT_PATH);
  const policy = new Map(
    (headers.get("content-security-policy") ?? "").split("; ").map((each) => {
      const [name = "", ...sources] = each.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  expect(Object.fromEntries(policy)).toMatchObject({
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "require-trusted-types-for": "'script'",
  });
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("set-cookie")).toBeNull();
});

test("everything that a recipient's page names goes compressed where it is more than a packet, and is the same then", async () => {
  const paths = [...(await (await ask(RECIPIENT_PATH)).text()).matchAll(/"(\/assets\/[^"]+)"/gu)].map(
    ([, path = ""]) => path,
  );
  for (const path of paths) {
    const address = `http://localhost:${instance.port}${path}`;
    const [packed, plain] = await Promise.all(
      ["br", "identity"].map((coding) => fetch(address, { headers: { "accept-encoding": coding } })),
    );
    const text = await plain?.text();
    expect(await packed?.text(), path).toBe(text);
    expect(packed?.headers.get("content-encoding"), path).toBe((text?.length ?? 0) < 1024 ? null : "br");
  }
});

test("scripts go compressed to browsers, and pages say that it depends on who asks", async () => {
  const html = await ask("/");
  expect(html.headers.get("vary")).toBe("accept-encoding");
  const [script = ""] = /\/assets\/[^"]+\.js/.exec(await html.text()) ?? [];
  const address = `http://localhost:${instance.port}${script}`;
  const [packed, plain] = await Promise.all(
    ["br", "identity"].map((coding) => fetch(address, { headers: { "accept-encoding": coding } })),
  );
  expect([packed?.headers.get("content-encoding"), plain?.headers.get("content-encoding")]).toEqual(["br", null]);
  expect(await packed?.text()).toBe(await plain?.text());
});

test("a service worker reaches its own folder, and the one that reads for the upload worker that one too; neither speaks to anybody", async () => {
  for (const [path, reach] of [
    ["/saving/worker.js", null],
    ["/reading/worker.js", "/assets/upload-worker-"],
  ] as const) {
    const { status, headers } = await ask(path);
    expect(status, path).toBe(200);
    expect(headers.get("service-worker-allowed"), path).toBe(reach);
    expect(headers.get("cache-control"), path).toBe("no-cache");
    expect(headers.get("content-security-policy"), path).toBe(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
    );
  }
});

test("another local name leads to the one that cookies and blob addresses are bound to", async () => {
  const response = await ask("/mailbox?a=b", { host: "127.0.0.1" });
  expect(response.status).toBe(307);
  expect(response.headers.get("location")).toBe(`http://localhost:${instance.port}/mailbox?a=b`);
});

test("a person gets a page for what is not there, a program a problem document", async () => {
  const page = await ask("/nothing/here");
  expect(page.status).toBe(404);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  for (const [path, accept] of [
    ["/nothing/here", "application/json"],
    ["/api/v1/nothing", "text/html"],
    ["/ledger/tile/x", "text/html"],
    ["/assets/nothing.js", "text/html"],
    ["/index.html", "*/*"],
  ] as const) {
    const answer = await ask(path, { accept });
    expect(answer.status, path).toBe(404);
    expect(await answer.json(), path).toMatchObject({ code: "request/unknown-path" });
  }
});
