/** Ciphertext in and out, by signed URL. Bodies stream; nothing is held whole. */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { LIMITS } from "@safeconduct/contract";
import { blobOpener, storePart } from "@safeconduct/exchange";
import type { Bytes } from "@safeconduct/foundation";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Instance } from "../instance.ts";
import { partBody } from "./answers.ts";
import { requestProblem } from "./errors.ts";

/** In a scope of its own: JSON, which is read whole before anybody is asked for a signature, is not accepted here. */
export function registerBlobRoutes(app: FastifyInstance, instance: Instance): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    addRoutes(scope, instance);
  });
}

function addRoutes(app: FastifyInstance, { store, blobs, urls }: Instance): void {
  const openBlob = blobOpener({ store, blobs });
  // The stream goes to the use case as it is; the part's exact size is in the signed URL and is enforced while writing.
  app.addContentTypeParser("application/octet-stream", { bodyLimit: LIMITS.partBytes }, (_request, payload, done) =>
    done(null, payload),
  );

  app.put("/blobs/:transfer/parts/:number", { bodyLimit: LIMITS.partBytes }, async (request, reply) => {
    const allowed = urls.check.put(request.params as { transfer: string; number: string }, queryOf(request));
    if (allowed === null) throw requestProblem("request/url-expired");
    if (!(request.body instanceof Readable)) throw requestProblem("request/wrong-type");
    const part = await storePart({ store, blobs }, { ...allowed, body: freed(request.body) });
    return reply.code(200).header("cache-control", "no-store").send(partBody(part));
  });

  app.get("/blobs/:transfer", async (request, reply) => {
    const id = urls.check.read(request.params as { transfer: string }, queryOf(request));
    if (id === null) throw requestProblem("request/url-expired");
    const blob = await openBlob(id);
    const range = rangeOf(request.headers.range, blob.lengthBytes);
    if (range === null) {
      reply.header("content-range", `bytes */${blob.lengthBytes}`);
      throw requestProblem("request/range");
    }
    const { offset, lengthBytes, partial } = range;
    reply.headers({
      "content-type": "application/octet-stream",
      "content-length": lengthBytes,
      "accept-ranges": "bytes",
      "cache-control": "no-store",
      ...(partial ? { "content-range": `bytes ${offset}-${offset + lengthBytes - 1}/${blob.lengthBytes}` } : {}),
    });
    reply.hijack();
    reply.raw.writeHead(partial ? 206 : 200, reply.getHeaders() as OutgoingHttpHeaders);
    await pour(blob.read({ offset, lengthBytes }), reply.raw);
  });
}

/**
 * The pieces of a body, whose memory is given back as soon as the next one is asked for. Left to the collector they pile up, and
 * fetching fresh pages for each costs more than receiving it.
 */
async function* freed(body: Readable): AsyncGenerator<Uint8Array> {
  for await (const piece of body as AsyncIterable<Buffer>) {
    yield piece;
    const { buffer } = piece;
    // Small pieces stand in memory that they share.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.length) buffer.transfer(0);
  }
}

/** Each chunk goes to the network before the next is read into the same memory. A peer that leaves ends it. */
async function pour(chunks: AsyncIterable<Bytes>, response: ServerResponse): Promise<void> {
  try {
    for await (const chunk of chunks) {
      await new Promise<void>((resolve, reject) => {
        response.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    }
    response.end();
  } catch {
    // The length was promised: cutting the connection is the only way left to say that it was not kept.
    response.destroy();
  }
}

const queryOf = (request: FastifyRequest) => request.query as Readonly<Record<string, string | undefined>>;

/** One `bytes=a-b` range (RFC 9110 §14.1.2), the whole when there is none, null when it lies outside or has another form. */
function rangeOf(
  header: string | undefined,
  length: number,
): { offset: number; lengthBytes: number; partial: boolean } | null {
  if (header === undefined) return { offset: 0, lengthBytes: length, partial: false };
  const match = /^bytes=([0-9]{1,15})-([0-9]{0,15})$/.exec(header);
  if (match === null) return null;
  const offset = Number(match[1]);
  const last = match[2] === "" ? length - 1 : Math.min(Number(match[2]), length - 1);
  return offset <= last ? { offset, lengthBytes: last - offset + 1, partial: true } : null;
}
