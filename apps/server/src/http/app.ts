/** The HTTP server: API, blobs, ledger and pages on one origin. */
import { API_BASE, LIMITS, openApiDocument } from "@safeconduct/contract";
import Fastify, { type FastifyInstance } from "fastify";
import type { Instance } from "../instance.ts";
import type { ServerSettings } from "../settings.ts";
import { registerBlobRoutes } from "./blob-routes.ts";
import { secureOptions } from "./follow-certificate.ts";
import { handlers } from "./handlers.ts";
import { endLateRequests } from "./late-requests.ts";
import { registerLedgerRoutes } from "./ledger-routes.ts";
import { registerPages } from "./pages.ts";
import { answerProblem, installProblemEdge } from "./problem-edge.ts";
import { registerRoutes } from "./routing.ts";
import { installSecurity, protect } from "./security.ts";

const REQUEST_HEADERS_TIMEOUT_MS = 30_000;
/** A part of 8 MiB over a line of 128 kbit/s needs nine minutes. */
const REQUEST_TIMEOUT_MS = 10 * 60_000;

export async function buildApp(
  instance: Instance,
  portalFolder: string,
  { tls, proxies }: Pick<ServerSettings, "tls" | "proxies">,
): Promise<FastifyInstance> {
  const app = Fastify({
    // Typed for HTTP alone; nothing here depends on which of the two it is.
    ...({ https: tls === null ? null : secureOptions(tls) } as object),
    // Else anybody could say that they are somebody else, and no limit of attempts would hold.
    trustProxy: proxies === null ? false : [...proxies],
    logger: false,
    bodyLimit: LIMITS.requestBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: "idle",
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => {
      protect(reply);
      answerProblem(error, request, reply, instance.log);
    },
  });
  app.server.headersTimeout = REQUEST_HEADERS_TIMEOUT_MS;
  endLateRequests(app);
  // A body is JSON or a part; text and forms, which a foreign page could send without asking, are refused.
  app.removeContentTypeParser("text/plain");
  installProblemEdge(app, instance.log);
  installSecurity(app, instance.origins);
  registerRoutes(app, instance, handlers(instance));
  const openApi = openApiDocument();
  app.get(`${API_BASE}/openapi.json`, (_request, reply) => reply.send(openApi));
  registerBlobRoutes(app, instance);
  registerLedgerRoutes(app, instance);
  await registerPages(app, { folder: portalFolder, origin: instance.origin });
  return app;
}
