/** Pieces that messages of several features share and nobody outside needs. */
import { z } from "zod";
import { bytesField } from "./fields.ts";
import { LIMITS } from "./limits.ts";

export const text = z.string();
export const wireBytes = z.string().meta({ description: "base64url without padding" });
export const password = z.string().max(4 * LIMITS.passwordMaxLength);
export const publicHpkeKey = bytesField({ minBytes: 32, maxBytes: 2048 });
export const authenticatorAnswer = z.object({ otpauthUri: text, secret: text });
