import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { apiClient } from "./api-client.ts";
import { problemOf, routesClient } from "./client.ts";
import { firstLookRoutes } from "./first-look.ts";
import { problemAnswer } from "./problem.ts";
import { routes } from "./routes.ts";

const GOOD = {
  instance: {
    evaluation: true,
    setUp: true,
    organisation: { id: "org_a", name: "Riverside Clinic" },
    keyService: {
      signingPublicKey: "AA",
      intake: { publicKey: "AA", notBefore: 1.5, notAfter: 2, signature: "AA" },
    },
    ledger: { origin: "o", verifierKey: "v", checkpointUrl: "u" },
    mailboxUrl: "m",
  },
  invitation: {
    organisation: "Riverside Clinic",
    sender: "M. Okafor",
    purpose: "TREAT",
    profile: "viewable",
    notBefore: 0,
    notAfter: 8_640_000_000_000_000,
    addressHint: "a…t@northlake.example",
    language: "es",
    evaluation: false,
  },
  sendCode: { addressHint: "a…t@northlake.example", expiresInSeconds: 600, nextInSeconds: 30 },
} as const;
const PROBLEM = {
  type: "about:blank",
  title: "Wait.",
  status: 429,
  code: "http/too-many",
  field: "/code",
  retryAfterSeconds: 7,
  issues: [{ field: "/code", message: "no" }],
};

/** What JSON can put in the place of a value. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  "",
  "TREAT",
  "toString",
  "downloadable",
  0,
  -1,
  -0,
  0.5,
  8_640_000_000_000_000,
  8_640_000_000_000_001,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  [],
  [null],
  {},
  JSON.parse('{"__proto__": {"title": "a"}}'),
];

/** The value with each of its places changed in each way, taken away, or given a neighbour that nobody knows. */
function* variants(value: unknown): Generator {
  yield* STRANGE;
  if (Array.isArray(value)) {
    for (const changed of variants(value[0])) yield [...value, changed];
  } else if (typeof value === "object" && value !== null) {
    const record = value as Record<string, unknown>;
    yield { ...record, unknown: 1 };
    for (const [name, inner] of Object.entries(record)) {
      const { [name]: _gone, ...rest } = record;
      yield rest;
      for (const changed of variants(inner)) yield { ...record, [name]: changed };
    }
  }
}

const read = (reader: { safeParse(value: unknown): { success: boolean; data?: unknown } }, value: unknown) => {
  const { success, data } = reader.safeParse(value);
  return success ? { data } : null;
};

describe("an answer that is read by hand", () => {
  it.each(Object.keys(GOOD) as (keyof typeof GOOD)[])("%s is taken and refused exactly as its schema does", (name) => {
    const [schema, byHand] = [routes[name].answer as z.ZodType, firstLookRoutes[name].answer];
    expect(read(byHand, GOOD[name])).toEqual({ data: GOOD[name] });
    const all = [...variants(GOOD[name])];
    const taken = all.filter((value) => byHand.safeParse(value).success);
    expect(taken.length).toBeGreaterThan(3);
    expect(all.length - taken.length).toBeGreaterThan(taken.length);
    for (const value of all) expect(read(byHand, value), JSON.stringify(value)).toEqual(read(schema, value));
  });

  it("has the method and the path of its route", () => {
    for (const [name, { method, path }] of Object.entries(firstLookRoutes)) {
      expect({ method, path }).toEqual({
        method: routes[name as keyof typeof GOOD].method,
        path: routes[name as keyof typeof GOOD].path,
      });
    }
  });
});

describe("a problem document", () => {
  it("is taken and refused as its schema does", async () => {
    const all = [PROBLEM, ...variants(PROBLEM)];
    for (const value of all) {
      const body = JSON.stringify(value);
      const { code } = await problemOf(new Response(body));
      const parsed = problemAnswer.safeParse(JSON.parse(body));
      expect(code, body).toBe(parsed.success ? parsed.data.code : "http/unreadable");
    }
    expect((await problemOf(new Response(JSON.stringify(PROBLEM)))).details).toEqual({
      field: "/code",
      retryAfterSeconds: 7,
    });
  });
});

describe("a client of few routes", () => {
  it("asks as the client of all does, and answers the same", async () => {
    const asked: unknown[] = [];
    const fetch = (async (url: string, init: RequestInit) => {
      asked.push([url, init]);
      return Response.json(GOOD.invitation);
    }) as typeof globalThis.fetch;
    const options = { origin: "https://files.example", fetch };
    const path = { grant: "grt_a" };
    const few = await routesClient(firstLookRoutes, options).call("invitation", { path });
    expect(few).toEqual(await apiClient(options).call("invitation", { path }));
    expect(asked[0]).toEqual(asked[1]);
  });
});
