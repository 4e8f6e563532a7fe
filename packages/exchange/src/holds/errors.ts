/** What can go wrong with holds. */
import { Problem } from "@safeconduct/foundation";

export type HoldProblemCode = "hold/too-late" | "hold/none" | "hold/too-many";

const MESSAGES: Record<HoldProblemCode, string> = {
  "hold/too-late": "The keys of this transfer are destroyed. Nothing of it can be kept any more.",
  "hold/none": "There is no such hold on this transfer.",
  "hold/too-many": "This transfer has as many holds as it can have. Lift one first.",
};

export const holdProblem = (code: HoldProblemCode): Problem<HoldProblemCode> => new Problem(code, MESSAGES[code]);
