/** The digest of a part as docs/formats/envelope.md tells it, written apart from the product's. */
import { createHash } from "node:crypto";
import { type Bytes, copyBytes } from "@safeconduct/foundation";

const LABEL = "safeconduct/part-digest";
const DOMAIN = Buffer.concat([Buffer.from([0, 0, 0, LABEL.length]), Buffer.from(LABEL), Buffer.from([1, 1])]);
const PIECE_BYTES = 524_288;

export function digestOfPart(part: Uint8Array): Bytes {
  const whole = createHash("sha256").update(DOMAIN);
  const first = part.length % PIECE_BYTES;
  if (first > 0) whole.update(createHash("sha256").update(part.subarray(0, first)).digest());
  for (let at = first; at < part.length; at += PIECE_BYTES)
    whole.update(
      createHash("sha256")
        .update(part.subarray(at, at + PIECE_BYTES))
        .digest(),
    );
  return copyBytes(whole.digest());
}
