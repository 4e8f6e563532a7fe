/** The log for everyone: checkpoint and tiles under the paths of C2SP tlog-tiles. Full tiles never change. */
import { parseTilePath } from "@safeconduct/ledger";
import type { FastifyInstance } from "fastify";
import type { Instance } from "../instance.ts";
import { requestProblem } from "./errors.ts";

export function registerLedgerRoutes(app: FastifyInstance, { ledger }: Instance): void {
  const note = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  app.get("/ledger/checkpoint", (_request, reply) => reply.headers(note).send(ledger.rounds.newest.text));
  app.get("/ledger/checkpoint.witnessed", (_request, reply) => {
    if (ledger.rounds.witnessed === null) throw requestProblem("request/unknown-path");
    return reply.headers(note).send(ledger.rounds.witnessed.text);
  });
  app.get("/ledger/tile/*", async (request, reply) => {
    const path = `tile/${(request.params as { "*": string })["*"]}`;
    const bytes = parseTilePath(path) !== null ? await ledger.tiles.readTile(path) : null;
    if (bytes === null) throw requestProblem("request/unknown-path");
    const partial = path.includes(".p/");
    reply.headers({
      "content-type": "application/octet-stream",
      "cache-control": partial ? "public, max-age=60" : "public, max-age=31536000, immutable",
    });
    return reply.send(Buffer.from(bytes));
  });
}
