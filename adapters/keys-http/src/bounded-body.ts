/** Reads a body that may come from a stranger without holding more of it than an answer can be long. */
import { type Bytes, concatBytes } from "@safeconduct/foundation";
import { RESPONSE_LIMIT_BYTES } from "@safeconduct/keyring";

/** Null over `RESPONSE_LIMIT_BYTES`. */
export async function readBounded(response: Response): Promise<Bytes | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > RESPONSE_LIMIT_BYTES) return null;
    pieces.push(piece);
  }
  return concatBytes(...pieces);
}
