/**
 * Signed URLs of this instance's own blob endpoint, in the shape of presigned S3 URLs: whoever holds one may do that one
 * thing until it expires. HMAC-SHA-256 over everything that the URL says. They are given to verified callers only and
 * are never logged.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { BlobUrls } from "@safeconduct/exchange";
import { type Bytes, type Clock, parseId, type TransferId } from "@safeconduct/foundation";

const READ_LIFE_MS = 60 * 1000;
const PUT_LIFE_MS = 15 * 60 * 1000;

export interface BlobUrlChecks {
  /** What a signed URL allows, or null when it is forged, changed or too old. */
  put(
    path: { transfer: string; number: string },
    query: Readonly<Record<string, string | undefined>>,
  ): { transfer: TransferId; number: number; sizeBytes: number } | null;
  read(path: { transfer: string }, query: Readonly<Record<string, string | undefined>>): TransferId | null;
}

export function blobUrls({
  origin,
  key,
  clock,
}: {
  origin: () => string;
  key: Bytes;
  clock: Clock;
}): BlobUrls & { readonly check: BlobUrlChecks } {
  const sign = (...facts: readonly (string | number)[]) =>
    createHmac("sha256", key).update(facts.join("\n")).digest("base64url");
  const holds = (signature: string | undefined, expires: number, ...facts: readonly (string | number)[]) => {
    const expected = Buffer.from(sign(...facts, expires));
    const given = Buffer.from(signature ?? "");
    return given.length === expected.length && timingSafeEqual(given, expected) && clock.now() < expires;
  };
  return {
    putPart(transfer, { number, sizeBytes }) {
      const expiresAt = clock.now() + PUT_LIFE_MS;
      const query = new URLSearchParams({
        size: `${sizeBytes}`,
        expires: `${expiresAt}`,
        signature: sign("put", transfer, number, sizeBytes, expiresAt),
      });
      return {
        url: `${origin()}/blobs/${transfer}/parts/${number}?${query}`,
        headers: { "content-type": "application/octet-stream" },
        expiresAt,
      };
    },
    read(transfer) {
      const expiresAt = clock.now() + READ_LIFE_MS;
      const query = new URLSearchParams({ expires: `${expiresAt}`, signature: sign("read", transfer, expiresAt) });
      return { url: `${origin()}/blobs/${transfer}?${query}`, expiresAt };
    },
    check: {
      put({ transfer, number }, query) {
        const id = parseId("transfer", transfer);
        const [part, sizeBytes, expires] = [number, query["size"], query["expires"]].map((text) => Number(text));
        if (id === null || part === undefined || sizeBytes === undefined || expires === undefined) return null;
        return holds(query["signature"], expires, "put", id, part, sizeBytes)
          ? { transfer: id, number: part, sizeBytes }
          : null;
      },
      read({ transfer }, query) {
        const id = parseId("transfer", transfer);
        return id !== null && holds(query["signature"], Number(query["expires"]), "read", id) ? id : null;
      },
    },
  };
}
