/** Argon2id (RFC 9106) by the OpenSSL inside Node. Runs on libuv's threads, so nothing waits for it but its caller. */
import { argon2 } from "node:crypto";
import { copyBytes, type PasswordHash } from "@safeconduct/foundation";

const TAG_BYTES = 32;

export const nodePasswordHash: PasswordHash = {
  argon2id({ password, salt, cost }) {
    const parameters = {
      message: password,
      nonce: salt,
      memory: cost.memoryKib,
      passes: cost.passes,
      parallelism: cost.lanes,
      tagLength: TAG_BYTES,
    };
    return new Promise((resolve, reject) => {
      argon2("argon2id", parameters, (error, tag) => {
        if (error) reject(error);
        else resolve(copyBytes(tag));
      });
    });
  },
};
