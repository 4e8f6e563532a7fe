/** Closing answers what is under way, but a peer that has stopped in the middle of a body must not keep the instance open. */
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

const CLOSE_WITHIN_MS = 5_000;

export function endLateRequests(app: FastifyInstance): void {
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
