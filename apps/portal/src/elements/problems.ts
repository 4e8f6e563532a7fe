/** Expected failures on a page: from the server's problem to words beside a field. */
import { isProblem, Problem } from "@safeconduct/foundation";
import { problemMessage } from "./problem-words.ts";
import { texts } from "./texts.ts";

export interface FieldProblem {
  /** Id of the input that is meant; null for the whole form. */
  readonly field: string | null;
  readonly message: string;
}

/** The problem inside whatever was thrown, in the language of the page. A mistake of ours keeps its details for the console. */
export function problemOf(thrown: unknown): Problem {
  if (isProblem(thrown)) return new Problem(thrown.code, problemMessage(thrown), thrown.details);
  reportError(thrown);
  return new Problem("portal/unexpected", texts.unexpected);
}

/** `fields` maps the server's JSON pointers to the ids of inputs: `{ "/member/address": "address" }`. */
export function fieldProblem(problem: Problem, fields: Readonly<Record<string, string>>): FieldProblem {
  const field = problem.details.field;
  return { field: (field !== undefined && fields[field]) || null, message: problem.message };
}
