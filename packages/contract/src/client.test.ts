import { outcomeOf } from "@safeconduct/testkit";
import { expect, test } from "vitest";
import { apiClient } from "./api-client.ts";

const grant = `grt_${"a".repeat(26)}`;
const asked: { url: string; init: RequestInit | undefined }[] = [];
const client = (answer: () => Response | Promise<Response>) =>
  apiClient({
    origin: "https://files.example.org",
    bearer: "scv_secret",
    fetch: async (url, init) => {
      asked.push({ url: url as string, init });
      return answer();
    },
  });
const code = (answer: () => Response | Promise<Response>) =>
  outcomeOf(client(answer).call("sendCode", { path: { grant } }));
const RIGHT = { addressHint: "a•••z@x.example", expiresInSeconds: 600, nextInSeconds: 30 };

test("a call goes to its path with its method and bearer, and follows no redirect", async () => {
  expect(await client(() => Response.json(RIGHT)).call("sendCode", { path: { grant } })).toEqual(RIGHT);
  const { url, init } = asked.at(-1) ?? {};
  expect(url).toBe(`https://files.example.org/api/v1/grants/${grant}/codes`);
  expect(init).toMatchObject({ method: "POST", redirect: "error", headers: { authorization: "Bearer scv_secret" } });
});

test("a path parameter cannot lead out of its place", async () => {
  await client(() => Response.json(RIGHT)).call("sendCode", { path: { grant: "../../me?x#y" } });
  expect(asked.at(-1)?.url).toBe("https://files.example.org/api/v1/grants/..%2F..%2Fme%3Fx%23y/codes");
});

test("a problem comes out with its code, field and wait", async () => {
  const body = { type: "t", title: "Wait.", status: 429, code: "grant/code-wait", field: "/a", retryAfterSeconds: 7 };
  const call = client(() => Response.json(body, { status: 429 })).call("sendCode", { path: { grant } });
  await expect(call).rejects.toMatchObject({
    code: "grant/code-wait",
    message: "Wait.",
    details: { field: "/a", retryAfterSeconds: 7 },
  });
});

test.each([
  ["an answer in another shape", () => Response.json({ ...RIGHT, nextInSeconds: "soon" })],
  ["an answer that is no JSON", () => new Response("<html>")],
  ["an empty answer", () => new Response(null)],
  ["an error that is no problem", () => new Response("Bad gateway", { status: 502 })],
  ["an error in another shape", () => Response.json({ code: 7 }, { status: 500 })],
])("%s is unreadable", async (_, answer) => {
  expect(await code(answer)).toBe("http/unreadable");
});

test("a network that is away is unreachable", async () => {
  expect(await code(() => Promise.reject(new TypeError("fetch failed")))).toBe("http/unreachable");
});

test("a missing path parameter is a programmer's mistake", async () => {
  await expect(client(() => Response.json(RIGHT)).call("sendCode")).rejects.toThrow("path parameter grant is missing");
});
