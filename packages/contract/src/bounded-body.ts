/** Bodies of answers that may come from an attacker: read only so far, whatever their headers promise. */
import { type Bytes, joinBytes } from "@safeconduct/foundation";

/**
 * Bytes of one JSON answer. The longest honest one is a certificate of custody (`CERTIFICATE_LIMIT_CHARACTERS` of the ledger
 * package: 32 Mi characters, of which few take more than one byte).
 */
export const ANSWER_LIMIT_BYTES = 48 * 1024 * 1024;

/** Bytes of a problem document; 20 issues fit many times. */
export const PROBLEM_LIMIT_BYTES = 64 * 1024;

/** The body, or null as soon as it is longer than `limitBytes`; the rest is not fetched. Rejects when the connection breaks. */
export async function boundedBody(response: Response, limitBytes: number): Promise<Bytes | null> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return joinBytes(pieces);
    length += value.length;
    if (length > limitBytes) {
      // Not awaited: a stream that hangs must not hang us.
      reader.cancel().catch(() => undefined);
      return null;
    }
    pieces.push(value);
  }
}

/** The JSON value of a body of at most `limitBytes`; null for anything else, which no schema of ours accepts. */
export async function boundedJson(response: Response, limitBytes: number): Promise<unknown> {
  try {
    const bytes = await boundedBody(response, limitBytes);
    return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as unknown);
  } catch {
    return null;
  }
}
