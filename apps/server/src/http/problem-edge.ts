/** Errors become RFC 9457 problem documents here and nowhere else. What was not expected says nothing of its cause. */
import { isProblem, type Problem } from "@safeconduct/foundation";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { keysProblem } from "@safeconduct/keyring";
import { failureKind, type Log } from "../log.ts";
import { requestProblem } from "./errors.ts";
import { statusOf } from "./statuses.ts";

/** A request that does not fit its schema, with the fields that are off and never their values. */
export class InvalidRequest extends Error {
  override readonly name = "InvalidRequest";
  readonly issues: readonly { field: string; message: string }[];

  constructor(error: z.ZodError) {
    super("request does not fit its schema");
    this.issues = error.issues.slice(0, 20).map((issue) => ({
      field: `/${issue.path.map(String).join("/")}`,
      message: issue.code === "custom" ? issue.message : "missing or not in the expected form",
    }));
  }
}

/**
 * Between server and key service: whoever asked can do nothing about it but try again. The log has the true code; clocks that
 * are apart are its usual cause.
 */
const BETWEEN_SERVERS: ReadonlySet<string> = new Set(["keys/bad-authorisation", "keys/ledger-not-shown"]);

export function installProblemEdge(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, log));
  app.setNotFoundHandler((request, reply) =>
    answerProblem(requestProblem("request/unknown-path"), request, reply, log),
  );
}

/** Sends the problem document. Also for what fails before a route is found, where Fastify's own answer would repeat the path. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const problem = problemOf(error);
  const status = statusOf(problem.code);
  const place = { route: request.routeOptions.url ?? "unknown", method: request.method };
  if (problem.code === "request/failed") log({ event: "http/failed", ...place, failure: failureKind(error) });
  else if (status >= 500) log({ event: "http/refused", ...place, status, code: problem.code });
  const told: Problem = BETWEEN_SERVERS.has(problem.code) ? keysProblem("keys/unavailable") : problem;
  const { field, retryAfterSeconds } = told.details;
  if (retryAfterSeconds !== undefined) void reply.header("retry-after", String(retryAfterSeconds));
  void reply
    .code(status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .header("cache-control", "no-store")
    .send(
      JSON.stringify({
        type: `urn:safeconduct:problem:${told.code}`,
        title: told.message,
        status,
        code: told.code,
        ...(field === undefined ? {} : { field }),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        ...(error instanceof InvalidRequest ? { issues: error.issues } : {}),
      }),
    );
}

function problemOf(error: unknown): Problem {
  if (isProblem(error)) return error;
  if (error instanceof InvalidRequest) {
    const [first] = error.issues;
    return requestProblem("request/invalid", first === undefined ? {} : { field: first.field });
  }
  const { statusCode } = error as Partial<FastifyError>;
  if (statusCode === 413) return requestProblem("request/too-large");
  if (statusCode === 415) return requestProblem("request/wrong-type");
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return requestProblem("request/invalid");
  return requestProblem("request/failed");
}
