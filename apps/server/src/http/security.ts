/**
 * What every answer and every request must carry. The evaluation instance answers to its own local names only, which stops
 * DNS rebinding; a change that rides on a cookie must come from our own page.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requestProblem } from "./errors.ts";

const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

export function installSecurity(app: FastifyInstance, hosts: () => ReadonlySet<string>): void {
  app.addHook("onRequest", async (request, reply) => {
    protect(reply);
    if (!hosts().has(request.headers.host ?? "")) throw requestProblem("request/wrong-origin");
  });
}

/** For answers that no hook reaches. */
export function protect(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(HEADERS)) void reply.header(name, value);
}

/** For requests that a browser authenticates by cookie: only our own origin may change anything. */
export function requireSameOrigin(request: FastifyRequest, hosts: ReadonlySet<string>): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const origin = request.headers.origin ?? "";
  const host = /^http:\/\/([^/]+)$/.exec(origin)?.[1];
  if (host === undefined || !hosts.has(host)) throw requestProblem("request/wrong-origin");
}
