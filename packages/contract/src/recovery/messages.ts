/** Requests and answers about recovery by two people of the organisation. */
import { z } from "zod";
import { bytesField, deviceId, fixedBytes, instant, recoveryId } from "../fields.ts";
import { text, wireBytes } from "../pieces.ts";

export const recoveryKeyRequest = z.strictObject({
  device: deviceId,
  statement: bytesField({ minBytes: 1, maxBytes: 4096 }),
  signature: fixedBytes(64),
});
export const recoveryKeyAnswer = z.object({
  key: z
    .object({
      statement: wireBytes,
      signature: wireBytes,
      signingPublicKey: wireBytes,
      deviceName: text,
      createdAt: instant,
    })
    .nullable(),
});

export const recoveryRequest = z.strictObject({ recovery: recoveryId, device: deviceId, signature: fixedBytes(64) });
export const recoveryApproval = z.strictObject({ device: deviceId, signature: fixedBytes(64) });
export const recoveryListAnswer = z.object({
  recoveries: z.array(
    z.object({
      id: text,
      transfer: text,
      member: z.object({ id: text, name: text }),
      device: z.object({ id: text, name: text }),
      signature: wireBytes,
      createdAt: instant,
      expiresAt: instant,
      approvedBy: text.nullable(),
      released: z.boolean(),
    }),
  ),
});
