/** Every route of members against every role, through the server's own routing: who gets as far as the handler. */
import { API_BASE, MEMBER_ROLES, type MemberRole, type RouteName, type Route, routes } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawBearer, type MemberRecord, reachesOf, type Store } from "@safeconduct/exchange";
import { drawId } from "@safeconduct/foundation";
import { memoryStore } from "@safeconduct/testkit";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "../instance.ts";
import { installProblemEdge } from "./problem-edge.ts";
import { type Handlers, registerRoutes } from "./routing.ts";

const crypto = nodeCrypto();
const NOW = 1_800_000_000_000;
const ORIGIN = "http://localhost";
const MEMBER_ROUTES = (Object.entries(routes) as [RouteName, Route][]).filter(([, { auth }]) => auth === "member");
const ID = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/** Which routes got past routing. */
const reached: RouteName[] = [];
const handlers = new Proxy({} as Handlers, {
  get: (_target, name: RouteName) => async () => {
    reached.push(name);
    return {};
  },
});

let app: FastifyInstance;
let store: Store;
const organisation = { id: drawId("organisation", crypto.random), name: "Clinic", createdAt: NOW };
beforeAll(async () => {
  store = memoryStore();
  await store.transaction((tx) => tx.addOrganisation(organisation));
  app = fastify({ logger: false });
  installProblemEdge(app, () => undefined);
  const clock = { now: () => NOW, monotonic: () => 0 };
  registerRoutes(app, { store, crypto, clock, origins: () => new Set([ORIGIN]) } as unknown as Instance, handlers);
});
afterAll(() => app.close());

async function tokenOf(roles: readonly MemberRole[]): Promise<{ member: MemberRecord; bearer: string }> {
  const { bearer, hash: tokenHash } = drawBearer("sct", crypto);
  const member: MemberRecord = {
    id: drawId("member", crypto.random),
    organisation: organisation.id,
    name: "Ines",
    address: "ines@clinic.example",
    roles,
    language: null,
    createdAt: NOW,
    seenAt: null,
    removedAt: null,
  };
  const of = { member: member.id, organisation: organisation.id, name: "t", createdAt: NOW };
  await store.transaction(async (tx) => {
    await tx.addMember(member);
    await tx.addToken({ ...of, id: drawId("token", crypto.random), tokenHash, usedAt: null, revokedAt: null });
  });
  return { member, bearer };
}

async function call(name: RouteName, bearer: string): Promise<{ code: string | null; isReached: boolean }> {
  const { method, path } = routes[name];
  reached.length = 0;
  const answer = await app.inject({
    method,
    url: API_BASE + path.replaceAll(/\{(\w+)\}/gu, (_match, kind: string) => `${kind.slice(0, 3)}_${ID}`),
    headers: { authorization: `Bearer ${bearer}` },
    ...(method === "POST" ? { payload: {} } : {}),
  });
  const body = answer.body === "" ? {} : answer.json<{ code?: string }>();
  return { code: body.code ?? null, isReached: reached.includes(name) };
}

describe.each(MEMBER_ROLES)("a member who is %s", (role) => {
  let bearer = "";
  beforeAll(async () => {
    ({ bearer } = await tokenOf([role]));
  });
  test.each(MEMBER_ROUTES.map(([name]) => name))("and calls %s gets as far as their role goes", async (name) => {
    const { code, isReached } = await call(name, bearer);
    const isRefused = code === "permission/refused" && !isReached;
    // An empty body is refused where one is due, after the roles were asked.
    const isThrough = isReached || code === "request/invalid";
    const isAllowed = reachesOf(name as never, [role]).size > 0;
    expect({ isRefused, isThrough }).toEqual({ isRefused: !isAllowed, isThrough: isAllowed });
  });
});

test("nobody gets anywhere without a role, without a token, or once removed", async () => {
  const nothing = await tokenOf([]);
  const removed = await tokenOf(MEMBER_ROLES);
  await store.transaction((tx) => tx.updateMember(removed.member.id, { removedAt: NOW }));
  for (const [name] of MEMBER_ROUTES) {
    expect(await call(name, nothing.bearer)).toEqual({ code: "permission/refused", isReached: false });
    expect(await call(name, removed.bearer)).toEqual({ code: "sign-in/required", isReached: false });
    expect(await call(name, "sct_unknown")).toEqual({ code: "sign-in/required", isReached: false });
  }
});

test("a token does what its member's roles allow at this moment", async () => {
  const { member, bearer } = await tokenOf(["administrator"]);
  expect((await call("listTransfers", bearer)).code).toBe("permission/refused");
  await store.transaction((tx) => tx.updateMember(member.id, { roles: ["sender"] }));
  expect((await call("listTransfers", bearer)).isReached).toBe(true);
  expect((await call("setRecoveryKey", bearer)).code).toBe("permission/refused");
});
