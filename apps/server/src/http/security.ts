/**
 * What every answer and every request must carry. An instance answers to its own names only, which stops DNS rebinding; a change
 * that rides on a cookie must come from our own page.
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

/** RFC 6797: two years, and never again without TLS. Subdomains are not ours to decide about. */
const STRICT_TRANSPORT = "max-age=63072000";

export function installSecurity(app: FastifyInstance, origins: () => ReadonlySet<string>): void {
  app.addHook("onRequest", async (request, reply) => {
    protect(reply);
    const own = [...origins()];
    if (own.every(isSecure)) void reply.header("strict-transport-security", STRICT_TRANSPORT);
    if (!own.some((origin) => hostOf(origin) === request.headers.host)) throw requestProblem("request/wrong-origin");
  });
}

const isSecure = (origin: string): boolean => origin.startsWith("https:");
const hostOf = (origin: string): string => origin.slice(origin.indexOf("//") + 2);

/** For answers that no hook reaches. */
export function protect(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(HEADERS)) void reply.header(name, value);
}

/** For requests that a browser authenticates by cookie: only our own origin may change anything. */
export function requireSameOrigin(request: FastifyRequest, origins: ReadonlySet<string>): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  if (!origins.has(request.headers.origin ?? "")) throw requestProblem("request/wrong-origin");
}
