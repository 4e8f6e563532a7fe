/**
 * The HTTP face of a witness: `POST /add-checkpoint` of C2SP tlog-witness, and nothing else. It asks nobody who they are:
 * a checkpoint carries the signature of its log. Plain HTTP; whoever offers it to others puts TLS in front.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { joinBytes, utf8Text } from "@safeconduct/foundation";
import {
  formatKnownSize,
  WITNESS_REQUEST_LIMIT_CHARACTERS,
  type Witness,
  type WitnessAnswer,
} from "@safeconduct/ledger";

/** UTF-8 takes at most three bytes for a UTF-16 code unit. */
const WITNESS_BODY_LIMIT_BYTES = 3 * WITNESS_REQUEST_LIMIT_CHARACTERS;
const REQUEST_TIMEOUT_MS = 30_000;
const CONNECTIONS_LIMIT = 100;

/** `heard` is told of every verdict, and of a memory that failed (null). */
export function witnessServer(witness: Witness, heard: (answer: WitnessAnswer | null) => void): Server {
  const server = createServer((request, response) => {
    judge(witness, request, response).then(heard, () => {
      heard(null);
      end(response, 500);
    });
  });
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = CONNECTIONS_LIMIT;
  return server;
}

async function judge(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<WitnessAnswer> {
  const malformed = { kind: "malformed" } as const;
  if (request.url !== "/add-checkpoint") return answered(response, 404, malformed);
  if (request.method !== "POST") return answered(response, 405, malformed);
  const body = await bodyText(request);
  const answer = body === null ? malformed : await witness.addCheckpoint(body);
  switch (answer.kind) {
    case "cosigned":
      end(response, 200, { type: "text/plain; charset=utf-8", text: answer.line });
      return answer;
    case "other-size":
    case "other-root":
      end(response, 409, { type: "text/x.tlog.size", text: formatKnownSize(answer.knownSize) });
      return answer;
    case "unknown-log":
      return answered(response, 404, answer);
    case "not-signed":
      return answered(response, 403, answer);
    case "bad-proof":
      return answered(response, 422, answer);
    case "malformed":
      return answered(response, 400, answer);
  }
}

/** The body as text; null when it is too long, breaks off or is not UTF-8. */
async function bodyText(request: IncomingMessage): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > WITNESS_BODY_LIMIT_BYTES) return null;
      pieces.push(piece);
    }
  } catch {
    return null;
  }
  return utf8Text(joinBytes(pieces));
}

function answered(response: ServerResponse, status: number, answer: WitnessAnswer): WitnessAnswer {
  end(response, status);
  return answer;
}

function end(response: ServerResponse, status: number, body?: { type: string; text: string }): void {
  if (response.writableEnded) return;
  const headers = { "cache-control": "no-store", "content-type": body?.type ?? "text/plain; charset=utf-8" };
  // What was not read to its end must not be taken for the next request.
  if (status === 400) response.shouldKeepAlive = false;
  response.writeHead(status, headers).end(body?.text ?? "");
}
