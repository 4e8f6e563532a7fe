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

test.each(["/", "/setup", "/sign-in", "/tokens", "/mailbox", "/r/grt_aaaaaaaaaaaaaaaaaaaaaaaaaa"])(
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
