/**
 * A body of bytes on its way out. fetch copies it piece by piece into streams, which costs more than the network does
 * (three times the processor's time, measured); node:http hands it to the system from where it stands.
 */
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { PROBLEM_LIMIT_BYTES } from "@safeconduct/contract";

/** Silence of a server that is still there, as fetch bears it. */
const SILENCE_LIMIT_MS = 5 * 60_000;
const FIRST_REDIRECT = 300;
const LAST_REDIRECT = 399;

/** What of a request is heeded; redirects are refused. */
interface Put {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal?: AbortSignal | null;
}

/** `init` as one that `putBytes` can serve, or null: fetch serves it then. */
export function asPut(init: RequestInit | undefined): Put | null {
  if (!(init?.body instanceof Uint8Array)) return null;
  const headers = Object.fromEntries(new Headers(init.headers));
  return { method: init.method ?? "PUT", headers, body: init.body, signal: init.signal ?? null };
}

/** As fetch. `body` must stay as it is until the answer. Of the answer's body no more than a problem document is taken. */
export function putBytes(url: URL, { method, headers, body, signal }: Put): Promise<Response> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const outgoing = send(
      url,
      { method, headers: { ...headers, "content-length": body.length }, ...(signal ? { signal } : {}) },
      (incoming) => {
        answerOf(incoming).then(resolve, reject);
      },
    );
    outgoing.setTimeout(SILENCE_LIMIT_MS, () => outgoing.destroy(new TypeError("the server is silent")));
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

async function answerOf(incoming: IncomingMessage): Promise<Response> {
  const status = incoming.statusCode ?? 0;
  if (status >= FIRST_REDIRECT && status <= LAST_REDIRECT) {
    incoming.destroy();
    throw new TypeError("the server sends us elsewhere");
  }
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > PROBLEM_LIMIT_BYTES) throw new TypeError("the answer is too long");
    pieces.push(piece);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === "string") headers.set(name, value);
  return new Response(length === 0 ? null : Buffer.concat(pieces), { status, headers });
}
