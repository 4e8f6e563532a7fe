/**
 * Argon2id (RFC 9106) by `hash-wasm`. It keeps its thread busy for as long as the hash takes: a page calls it in a worker.
 */
import { copyBytes, type PasswordHash } from "@safeconduct/foundation";
import { argon2id } from "hash-wasm";

const TAG_BYTES = 32;

export const webPasswordHash: PasswordHash = {
  async argon2id({ password, salt, cost }) {
    const tag = await argon2id({
      password,
      salt,
      memorySize: cost.memoryKib,
      iterations: cost.passes,
      parallelism: cost.lanes,
      hashLength: TAG_BYTES,
      outputType: "binary",
    });
    return copyBytes(tag);
  },
};
