/** Requests and answers about a member's devices: the chain of signed statements. */
import { z } from "zod";
import { bytesField, deviceId, displayName, fixedBytes, instant } from "../fields.ts";
import { publicHpkeKey, text, wireBytes } from "../pieces.ts";

export const deviceRequest = z.strictObject({
  device: deviceId,
  name: displayName(60),
  signingPublicKey: fixedBytes(32),
  hpkePublicKey: publicHpkeKey,
  proof: fixedBytes(32),
});
const memberKeyWrap = { generation: z.int().min(1).max(1000) };
/** How much one change of a member's devices can bring. A rotation has as many wraps as holders; a new device one per generation. */
export const chainExtensionRequest = z.strictObject({
  from: z.int().min(0).max(1000),
  statements: z
    .array(z.strictObject({ statement: bytesField({ minBytes: 1, maxBytes: 4096 }), signature: fixedBytes(64) }))
    .min(1)
    .max(50),
  wraps: z
    .array(z.strictObject({ ...memberKeyWrap, holder: deviceId, sealed: bytesField({ minBytes: 32, maxBytes: 4096 }) }))
    .max(1000),
  sealedKeys: z
    .array(z.strictObject({ holder: deviceId, sealed: bytesField({ minBytes: 32, maxBytes: 1024 }) }))
    .max(5),
  approvals: z.array(z.strictObject({ device: deviceId, proof: fixedBytes(32) })).max(5),
  startOver: z.boolean(),
});
const statement = z.object({ statement: wireBytes, signature: wireBytes });
export const memberChainAnswer = z.object({
  statements: z.array(statement),
  wraps: z.array(z.object({ generation: z.int(), holder: text, sealed: wireBytes })),
  devices: z.array(
    z.object({ id: text, sealedKeys: wireBytes.nullable(), createdAt: instant, removedAt: instant.nullable() }),
  ),
  requests: z.array(
    z.object({
      device: text,
      name: text,
      signingPublicKey: wireBytes,
      hpkePublicKey: wireBytes,
      proof: wireBytes,
      approval: wireBytes.nullable(),
      createdAt: instant,
    }),
  ),
});
