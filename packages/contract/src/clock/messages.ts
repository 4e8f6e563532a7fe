/** Requests and answers about the key service's clock. */
import { z } from "zod";
import { fixedBytes, instant } from "../fields.ts";

/** Of the key service, which judges its own clock. */
export const keyClockAnswer = z.object({
  state: z.enum(["steady", "ahead", "behind", "settling"]),
  wall: instant.meta({ description: "The key service's wall clock" }),
  highWaterAt: instant.meta({ description: "The latest time that it believes" }),
  lastedMs: z.number().meta({ description: "How long this state has lasted, not by the wall clock" }),
  resets: z.number().meta({ description: "How often two custodians have set it right" }),
  custodians: z.number(),
  confirmed: z.number().meta({ description: "How many custodians have confirmed this clock" }),
});
export const clockConfirmationRequest = z.strictObject({
  custodian: fixedBytes(32),
  resets: z.int().min(0).max(0xffffffff),
  time: z.int().min(0).meta({ description: "By the custodian's own clock" }),
  signature: fixedBytes(64),
});
export const clockConfirmationAnswer = z.object({
  missing: z.number().meta({ description: "How many more custodians have to confirm; 0: the clock counts again" }),
});
