/**
 * What can be expected to go wrong: a stable code, a message a person can act on, and nothing secret.
 * Each feature owns a closed union of codes; only the HTTP edge maps codes to statuses and only the CLI to exit codes.
 * Programmer mistakes are ordinary errors and are not caught.
 */

/** `feature/what-happened`, for example `grant/unavailable`. */
export type ProblemCode = `${string}/${string}`;

export interface ProblemDetails {
  /** Which input field is meant, as a JSON pointer or option name. Never its value. */
  readonly field?: string;
  /** Seconds after which the same call may succeed. */
  readonly retryAfterSeconds?: number;
}

/** Carries no PHI, key, address or token: it is shown, logged and recorded. */
export class Problem<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = "Problem";
  readonly code: Code;
  readonly details: ProblemDetails;

  constructor(code: Code, message: string, details: ProblemDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** Whether `error` is a {@link Problem}. `instanceof` alone would leave its code untyped. */
export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}
