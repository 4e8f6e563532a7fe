/** Registers every route of the contract: parses the request, authenticates the caller, answers in the promised shape. */
import { Readable } from "node:stream";
import { API_BASE, type MemberRoute, type Route, type RouteName, routes } from "@safeconduct/contract";
import { type MemberCaller, type RecipientCaller, requirePermission } from "@safeconduct/exchange";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Instance } from "../instance.ts";
import { AttemptLimit } from "./attempt-limit.ts";
import { memberCaller, recipientCaller } from "./callers.ts";
import { requestProblem } from "./errors.ts";
import { atEvenTime, timedWait } from "./even-answers.ts";
import { InvalidRequest } from "./problem-edge.ts";

type BodyOf<R> = R extends { request: infer S extends z.ZodType } ? z.output<S> : undefined;
type CallerOf<R> = R extends { auth: "member" }
  ? MemberCaller
  : R extends { auth: "recipient" }
    ? RecipientCaller
    : null;
type AnswerOf<R> = R extends { answer: infer S extends z.ZodType } ? z.input<S> : undefined;

interface Call<R> {
  readonly body: BodyOf<R>;
  readonly caller: CallerOf<R>;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly now: number;
  readonly reply: FastifyReply;
}

/** One handler for each route of the contract. A string is canonical JSON that must go out as it is. */
export type Handlers = {
  readonly [Name in RouteName]: (
    call: Call<(typeof routes)[Name]>,
  ) => Promise<
    (typeof routes)[Name] extends { streams: readonly unknown[] }
      ? StreamedBody
      : AnswerOf<(typeof routes)[Name]> | string
  >;
};

/** A body that is made while it is sent. What goes wrong meanwhile cuts the connection: nobody takes half a file for a whole. */
interface StreamedBody {
  readonly mediaType: string;
  readonly pieces: AsyncIterable<string>;
}

export function registerRoutes(app: FastifyInstance, instance: Instance, handlers: Handlers): void {
  const attempts = new AttemptLimit();
  const edge = { clock: instance.clock, wait: timedWait };
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handle = handlers[name] as unknown as (call: Call<unknown>) => Promise<unknown>;
    app.route({
      method: route.method,
      url: API_BASE + route.path.replaceAll(/\{(\w+)\}/gu, ":$1"),
      handler: async (request, reply) => {
        attempts.count(name, request.ip, instance.clock.monotonic());
        const answer = await atEvenTime(edge, name, async () => handle(await callOf(instance, name, request, reply)));
        reply.header("cache-control", "no-store");
        if (route.streams !== undefined) {
          const { mediaType, pieces } = answer as StreamedBody;
          return reply.header("content-type", `${mediaType}; charset=utf-8`).send(Readable.from(pieces));
        }
        if (route.answer === undefined) return reply.code(204).send();
        reply.code(route.status ?? 200).header("content-type", "application/json; charset=utf-8");
        return typeof answer === "string" ? answer : JSON.stringify(answer);
      },
    });
  }
}

async function callOf(
  instance: Instance,
  name: RouteName,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Call<unknown>> {
  const route: Route = routes[name];
  const now = instance.clock.now();
  const path = request.params as Readonly<Record<string, string>>;
  const deps = { store: instance.store, sha256: instance.crypto.sha256, now, origins: instance.origins() };
  // Authentication before parsing: a stranger learns nothing of what a body should look like.
  const caller =
    route.auth === "member"
      ? await permittedMember(deps, request, name)
      : route.auth === "recipient"
        ? await recipientCaller(deps, request, path["grant"] ?? "")
        : null;
  const body = route.request?.safeParse(request.body);
  if (body !== undefined && !body.success) throw new InvalidRequest(body.error);
  const query = singleValues(request.query as Readonly<Record<string, unknown>>);
  return { body: body?.data, caller: caller as never, path, query, now, reply } as Call<unknown>;
}

/**
 * Of a route that members call: the one place where their roles are asked. Problems `sign-in/required`, `sign-in/locked`,
 * `permission/refused`.
 */
async function permittedMember(
  deps: Parameters<typeof memberCaller>[0],
  request: FastifyRequest,
  name: RouteName,
): Promise<MemberCaller> {
  const route: Route = routes[name];
  const caller = await memberCaller(deps, request, route);
  requirePermission(name as MemberRoute, caller.roles);
  return caller;
}

/** A parameter that is given twice arrives as an array, which no route means. */
function singleValues(query: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  if (Object.values(query).some((value) => typeof value !== "string")) throw requestProblem("request/invalid");
  return query as Readonly<Record<string, string>>;
}
