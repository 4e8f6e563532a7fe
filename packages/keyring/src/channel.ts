/**
 * The signed channel between API and key service: every request is signed by the API's pinned key, every answer by the
 * key service's. It needs no secrecy: shares travel sealed. It keeps a stranger on the same machine or network from
 * asking, from answering and from replaying.
 */
import { type Bytes, type Sha256, type Signatures } from "@safeconduct/foundation";
import { CLOCK_SKEW_LIMIT_MS } from "./authorisation.ts";
import { domainWriter, HASH_BYTES, SIGNING_KEY_BYTES } from "./encoding.ts";

/** Random bytes that name one request. */
export const NONCE_BYTES = 16;
/** How far a request's time may be from the key service's clock, either way. */
export const REQUEST_WINDOW_MS = CLOCK_SKEW_LIMIT_MS;
/** Requests within one window. More than that is not a clinic, and what does not fit is refused, never forgotten. */
export const NONCE_LIMIT = 200_000;

/** HTTP headers, base64url without padding: nonce (request), signature (both). Time is decimal. */
export const NONCE_HEADER = "safeconduct-nonce";
export const TIME_HEADER = "safeconduct-time";
export const SIGNATURE_HEADER = "safeconduct-signature";

export interface SignedRequest {
  /** 32 bytes: signing public key of the key service that is to act. */
  readonly audience: Bytes;
  readonly method: string;
  readonly path: string;
  readonly nonce: Bytes;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly body: Uint8Array;
}

export interface SignedResponse {
  /** The request's. */
  readonly nonce: Bytes;
  readonly status: number;
  readonly body: Uint8Array;
}

interface ChannelPorts {
  readonly signatures: Signatures;
  readonly sha256: Sha256;
}

export function signRequest(ports: ChannelPorts, privateKey: Bytes, request: SignedRequest): Promise<Bytes> {
  return ports.signatures.sign(privateKey, requestMessage(ports.sha256, request));
}

export function verifyRequest(
  ports: ChannelPorts,
  publicKey: Bytes,
  request: SignedRequest,
  signature: Bytes,
): Promise<boolean> {
  return ports.signatures.verify(publicKey, requestMessage(ports.sha256, request), signature);
}

export function signResponse(ports: ChannelPorts, privateKey: Bytes, response: SignedResponse): Promise<Bytes> {
  return ports.signatures.sign(privateKey, responseMessage(ports.sha256, response));
}

export function verifyResponse(
  ports: ChannelPorts,
  publicKey: Bytes,
  response: SignedResponse,
  signature: Bytes,
): Promise<boolean> {
  return ports.signatures.verify(publicKey, responseMessage(ports.sha256, response), signature);
}

function requestMessage(sha256: Sha256, request: SignedRequest): Bytes {
  return domainWriter("request")
    .fixed(request.audience, SIGNING_KEY_BYTES)
    .text(request.method)
    .text(request.path)
    .fixed(request.nonce, NONCE_BYTES)
    .u64(request.time)
    .fixed(sha256(request.body), HASH_BYTES)
    .bytes();
}

function responseMessage(sha256: Sha256, response: SignedResponse): Bytes {
  return domainWriter("response")
    .fixed(response.nonce, NONCE_BYTES)
    .u16(response.status)
    .fixed(sha256(response.body), HASH_BYTES)
    .bytes();
}
