/**
 * The key service's HTTP listener. Everything that arrives is attacker-controlled until the API's signature held;
 * until then the answer is a bare 401 that is not signed and tells nothing.
 */
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  type Clock,
  type CryptoPorts,
  Problem,
} from "@safeconduct/foundation";
import {
  KEY_OPERATIONS,
  type KeyOperation,
  type KeyService,
  type KeyServiceIdentity,
  type KeysProblemCode,
  keysProblem,
  NONCE_BYTES,
  NonceMemory,
  NONCE_HEADER,
  operationPath,
  parseKeysProblemCode,
  problemAnswer,
  REQUEST_LIMIT_BYTES,
  SIGNATURE_BYTES,
  SIGNATURE_HEADER,
  signResponse,
  TIME_HEADER,
  verifyRequest,
} from "@safeconduct/keyring";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { KeysLog, RequestRefusal } from "./log.ts";
import { OPERATIONS } from "./operations.ts";

/** A request that has not arrived whole by then is dropped. */
const REQUEST_TIMEOUT_MS = 10_000;
const HTTP_DONE = 200;
const HTTP_NOT_FROM_THE_API = 401;

const STATUSES: Readonly<Record<KeysProblemCode, number>> = {
  "keys/malformed": 400,
  "keys/bad-share": 400,
  "keys/bad-authorisation": 403,
  "keys/bad-confirmation": 403,
  "keys/not-a-custodian": 403,
  "keys/not-yet": 403,
  "keys/suspended": 403,
  "keys/capped": 403,
  "keys/unknown": 404,
  "keys/conflict": 409,
  "keys/ledger-rolled-back": 409,
  "keys/ledger-not-shown": 503,
  "keys/held": 409,
  "keys/too-many-holds": 409,
  "keys/not-due": 409,
  "keys/clock-agrees": 409,
  "keys/clocks-differ": 409,
  "keys/ended": 410,
  "keys/shredded": 410,
  "keys/clock-stopped": 503,
  "keys/unavailable": 503,
};

interface ListenerPorts {
  readonly service: KeyService;
  readonly crypto: Pick<CryptoPorts, "sha256" | "signatures">;
  readonly clock: Clock;
  readonly log: KeysLog;
  readonly keys: { readonly signing: KeyServiceIdentity["signing"]; readonly apiPublicKey: Bytes };
}

/** Not listening yet. */
export function keysListener(ports: ListenerPorts): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: REQUEST_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: false, caseSensitive: true },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  // Too long, wrong type, unknown path, torn: nobody who was let in sends that.
  app.setErrorHandler((_error, _request, reply) => {
    ports.log({ event: "keys/request-refused", reason: "malformed" });
    return reply.code(HTTP_NOT_FROM_THE_API).send();
  });
  app.setNotFoundHandler((_request, reply) => reply.code(HTTP_NOT_FROM_THE_API).send());

  const nonces = new NonceMemory({ wall: ports.clock.now(), elapsed: ports.clock.monotonic() });
  for (const operation of KEY_OPERATIONS) {
    app.post(operationPath(operation), async (request, reply) => {
      const admitted = await admit(ports, { nonces, request, path: operationPath(operation) });
      if ("refused" in admitted) {
        ports.log({ event: "keys/request-refused", reason: admitted.refused });
        return reply.code(HTTP_NOT_FROM_THE_API).send();
      }
      const { status, body } = await carryOut(ports, operation, admitted.body);
      const response = { nonce: admitted.nonce, status, body };
      const signature = await signResponse(ports.crypto, ports.keys.signing.privateKey, response);
      reply.code(status).header(SIGNATURE_HEADER, base64UrlText(signature)).type("application/octet-stream");
      return reply.send(Buffer.from(body.buffer, body.byteOffset, body.length));
    });
  }
  return app;
}

type Admission = { readonly nonce: Bytes; readonly body: Uint8Array } | { readonly refused: RequestRefusal };

async function admit(
  { crypto, clock, keys }: ListenerPorts,
  { nonces, request, path }: { nonces: NonceMemory; request: FastifyRequest; path: string },
): Promise<Admission> {
  const nonce = bytesHeader(request, NONCE_HEADER, NONCE_BYTES);
  const signature = bytesHeader(request, SIGNATURE_HEADER, SIGNATURE_BYTES);
  const timeText = request.headers[TIME_HEADER];
  const { body } = request;
  const complete =
    nonce !== null &&
    signature !== null &&
    typeof timeText === "string" &&
    /^(0|[1-9][0-9]{0,14})$/.test(timeText) &&
    body instanceof Uint8Array &&
    request.url === path;
  if (!complete) return { refused: "malformed" };
  const time = Number(timeText);
  const signed = { audience: keys.signing.publicKey, method: "POST", path, nonce, time, body };
  if (!(await verifyRequest(crypto, keys.apiPublicKey, signed, signature))) return { refused: "signature" };
  const verdict = nonces.accept({ nonce, time, now: clock.now(), elapsed: clock.monotonic() });
  return verdict === "fresh" ? { nonce, body } : { refused: verdict };
}

async function carryOut(
  { service, log }: ListenerPorts,
  operation: KeyOperation,
  body: Uint8Array,
): Promise<{ status: number; body: Bytes }> {
  try {
    return { status: HTTP_DONE, body: await OPERATIONS[operation](service, body) };
  } catch (error) {
    const problem = error instanceof Problem ? parseKeysProblemCode(error.code) : null;
    if (problem === null) log({ event: "keys/crashed", operation });
    const code = problem ?? keysProblem("keys/unavailable").code;
    if (operation === "show-ledger" && code === "keys/ledger-rolled-back") log({ event: code });
    log({ event: "keys/answered", operation, outcome: code });
    return { status: STATUSES[code], body: problemAnswer.encode(code) };
  }
}

function bytesHeader(request: FastifyRequest, name: string, length: number): Bytes | null {
  const text = request.headers[name];
  const bytes = typeof text === "string" ? base64UrlBytes(text) : null;
  return bytes?.length === length ? bytes : null;
}
