/** The HTTP server: API, blobs, ledger and pages on one origin. */
import type { Socket } from "node:net";
import { API_BASE, LIMITS, openApiDocument } from "@safeconduct/contract";
import Fastify, { type FastifyInstance } from "fastify";
import type { Instance } from "../instance.ts";
import { registerBlobRoutes } from "./blob-routes.ts";
import { handlers } from "./handlers.ts";
import { registerLedgerRoutes } from "./ledger-routes.ts";
import { registerPages } from "./pages.ts";
import { answerProblem, installProblemEdge } from "./problem-edge.ts";
import { registerRoutes } from "./routing.ts";
import { installSecurity, protect } from "./security.ts";

const REQUEST_HEADERS_TIMEOUT_MS = 30_000;
const CLOSE_WITHIN_MS = 5_000;

export async function buildApp(instance: Instance, portalFolder: string): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: LIMITS.requestBodyBytes,
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
  installSecurity(app, instance.hosts);
  registerRoutes(app, instance, handlers(instance));
  const openApi = openApiDocument();
  app.get(`${API_BASE}/openapi.json`, (_request, reply) => reply.send(openApi));
  registerBlobRoutes(app, instance);
  registerLedgerRoutes(app, instance);
  await registerPages(app, { folder: portalFolder, origin: instance.origin });
  return app;
}

/** Closing answers what is under way, but a peer that has stopped in the middle of a body must not keep the instance open. */
function endLateRequests(app: FastifyInstance): void {
  const connections = new Set<Socket>();
  app.addHook("onRequest", async ({ raw: { socket } }) => {
    if (connections.has(socket)) return;
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  app.addHook("preClose", async () => {
    setTimeout(() => {
      for (const socket of connections) socket.destroy();
    }, CLOSE_WITHIN_MS).unref();
  });
}
