/**
 * The typed client of the HTTP API, for the portal, the command line and tests. It speaks through a `fetch` that is given to it.
 * Answers are checked against their schema: a server is not trusted to be well-formed.
 */
import { Problem, type ProblemCode } from "@safeconduct/foundation";
import type { z } from "zod";
import { ANSWER_LIMIT_BYTES, boundedJson, PROBLEM_LIMIT_BYTES } from "./bounded-body.ts";
import { fields, list, maybe, type Reader, reader, text, whole } from "./hand-read.ts";
import { API_BASE, type Route } from "./route.ts";
import type { RouteName, Routes } from "./routes.ts";

export interface ClientOptions {
  /** Origin of the server, without a trailing slash. Empty in a browser on the same origin. */
  readonly origin: string;
  readonly fetch: typeof globalThis.fetch;
  /** API token or verification session, sent as a bearer. A portal session travels as a cookie instead. */
  readonly bearer?: string;
}

/** What a client must know of a route: the whole of it, or the same with an answer that is read by hand. */
export type CallableRoute<Name extends RouteName> = Pick<Routes[Name], "method" | "path"> &
  (Routes[Name] extends { answer: infer S extends z.ZodType }
    ? { readonly answer: Reader<z.output<S>> }
    : { readonly answer?: undefined });

type RequestOf<R extends Route> = R extends { request: infer S extends z.ZodType } ? z.input<S> : undefined;
type AnswerOf<R extends Route> = R extends { answer: infer S extends z.ZodType } ? z.output<S> : undefined;

export interface CallOptions<R extends Route> {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: RequestOf<R>;
  readonly signal?: AbortSignal;
}

/**
 * `client.call("release", { path: { grant }, body })`. Rejects with a {@link Problem} that carries the server's code.
 * A client of more routes may stand where one of fewer is asked for.
 */
export interface Client<Names extends RouteName = RouteName> {
  call<Name extends Names>(name: Name, options?: CallOptions<Routes[Name]>): Promise<AnswerOf<Routes[Name]>>;
}

/** Also reads what a server sends while it makes it; the body is the caller's to bound. */
export interface StreamingClient<Names extends RouteName = RouteName> extends Client<Names> {
  stream<Name extends Names>(name: Name, options?: CallOptions<Routes[Name]>): Promise<Response>;
}

/** Knows the routes of `table` and no others: what a page does not call it need not load. */
export function routesClient<Names extends RouteName>(
  table: { readonly [Name in Names]: CallableRoute<Name> },
  options: ClientOptions,
): StreamingClient<Names> {
  async function respond(route: Called, callOptions: CallOptions<Route>, accept: string): Promise<Response> {
    const { path, query, body, signal } = callOptions;
    const url = `${options.origin}${API_BASE}${fillPath(route.path, path ?? {})}${queryText(query)}`;
    const response = await send(options, url, {
      method: route.method,
      redirect: "error",
      headers: {
        accept,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
  return {
    stream: (name, callOptions = {}) => respond(table[name], callOptions, "*/*"),
    async call(name, callOptions = {}) {
      const route: Called = table[name];
      const response = await respond(route, callOptions, "application/json");
      if (route.answer === undefined) return undefined as never;
      const answer = route.answer.safeParse(await boundedJson(response, ANSWER_LIMIT_BYTES));
      if (!answer.success) throw unreadable();
      return answer.data as never;
    },
  };
}

type Called = Pick<Route, "method" | "path"> & { readonly answer?: Reader<unknown> | undefined };

async function send(options: ClientOptions, url: string, init: RequestInit): Promise<Response> {
  try {
    return await options.fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw unreachable();
  }
}

/** Of the fields that {@link problemAnswer} has. */
const problemReader = reader(
  fields({
    type: text,
    title: text,
    status: whole,
    code: text,
    field: maybe(text),
    retryAfterSeconds: maybe(whole),
    issues: maybe(list(fields({ field: text, message: text }))),
  }),
);

/** The problem inside an error response (RFC 9457). */
export async function problemOf(response: Response): Promise<Problem> {
  const parsed = problemReader.safeParse(await boundedJson(response, PROBLEM_LIMIT_BYTES));
  if (!parsed.success) return unreadable();
  const { code, title, field, retryAfterSeconds } = parsed.data;
  return new Problem(code as ProblemCode, title, {
    ...(field === undefined ? {} : { field }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

export const unreachable = (): Problem =>
  new Problem("http/unreachable", "The server cannot be reached. Check the connection and try again.");

const unreadable = (): Problem =>
  new Problem("http/unreadable", "The server's answer could not be understood. Try again in a moment.");

function fillPath(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/gu, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`path parameter ${name} is missing`);
    return encodeURIComponent(value);
  });
}

function queryText(query: Readonly<Record<string, string>> | undefined): string {
  return query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
}
