/** What every refusal of the HTTP API looks like (RFC 9457). */
import { z } from "zod";

export const problemAnswer = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  field: z.string().optional(),
  retryAfterSeconds: z.int().optional(),
  issues: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
