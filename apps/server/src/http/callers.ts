/** Who calls: a portal session in a cookie, an API token or a verification session as a bearer. Authenticated anew each time. */
import type { Route } from "@safeconduct/contract";
import {
  memberOfSession,
  memberOfToken,
  type MemberCaller,
  type RecipientCaller,
  recipientOf,
  requireBegunBefore,
  type Store,
} from "@safeconduct/exchange";
import { grantProblem, signInProblem } from "@safeconduct/exchange";
import { parseId, type Sha256 } from "@safeconduct/foundation";
import type { FastifyReply, FastifyRequest } from "fastify";
import { requireSameOrigin } from "./security.ts";

/** `__Host-` ties the cookie to this origin, Secure and the whole path (RFC 6265bis §4.1.3.2). */
const SESSION_COOKIE = "__Host-safeconduct";
/** Which browser was asked for a passkey, before anybody is known. */
const QUESTION_COOKIE = "__Host-safeconduct-question";

const COOKIE_RULES = "Path=/; Secure; HttpOnly; SameSite=Strict";

interface Deps {
  readonly store: Store;
  readonly sha256: Sha256;
  readonly now: number;
  readonly origins: ReadonlySet<string>;
}

/** Problems: `sign-in/required`, `sign-in/locked` for what `route` leaves nothing of to a locked session. */
export async function memberCaller(
  deps: Deps,
  request: FastifyRequest,
  { whenLocked }: Pick<Route, "whenLocked">,
): Promise<MemberCaller> {
  const bearer = bearerOf(request);
  if (bearer !== null) {
    const caller = await memberOfToken(deps, bearer);
    if (caller === null) throw signInProblem("sign-in/required");
    return caller;
  }
  const cookie = cookieOf(request, SESSION_COOKIE);
  if (cookie === null) throw signInProblem("sign-in/required");
  requireSameOrigin(request, deps.origins);
  const { lockedSince, ...caller } = (await memberOfSession(deps, cookie)) ?? refuse();
  if (lockedSince === null || whenLocked === "open") return caller;
  if (whenLocked === undefined) throw signInProblem("sign-in/locked");
  const { transfer = "" } = request.params as { transfer?: string };
  await requireBegunBefore(deps, { ...caller, lockedSince }, parseId("transfer", transfer));
  return caller;
}

function refuse(): never {
  throw signInProblem("sign-in/required");
}

/** Problem `grant/session-required`, also for a session of another grant. */
export async function recipientCaller(
  deps: Deps,
  request: FastifyRequest,
  grantText: string,
): Promise<RecipientCaller> {
  const grant = parseId("grant", grantText);
  const bearer = bearerOf(request);
  const caller = grant === null || bearer === null ? null : await recipientOf(deps, { grant, bearer });
  if (caller === null) throw grantProblem("grant/session-required");
  return caller;
}

export function setSessionCookie(reply: FastifyReply, session: string): void {
  reply.header("set-cookie", `${SESSION_COOKIE}=${session}; ${COOKIE_RULES}`);
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.header("set-cookie", `${SESSION_COOKIE}=; ${COOKIE_RULES}; Max-Age=0`);
}

export function setQuestionCookie(reply: FastifyReply, bearer: string, lifeSeconds: number): void {
  reply.header("set-cookie", `${QUESTION_COOKIE}=${bearer}; ${COOKIE_RULES}; Max-Age=${lifeSeconds}`);
}

export function clearQuestionCookie(reply: FastifyReply): void {
  setQuestionCookie(reply, "", 0);
}

/** Attacker-controlled. */
export const askedBrowser = (request: FastifyRequest): string | null => cookieOf(request, QUESTION_COOKIE);

function bearerOf(request: FastifyRequest): string | null {
  return /^Bearer ([\w-]{1,100})$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
}

function cookieOf(request: FastifyRequest, name: string): string | null {
  for (const pair of (request.headers.cookie ?? "").split(/; */u)) {
    if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  }
  return null;
}
