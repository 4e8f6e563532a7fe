/** Ends that an operator can expect, with their exit codes (BSD sysexits where one fits). */

export const EXIT = {
  usage: 64,
  unavailable: 69,
  internal: 70,
  cannotCreate: 73,
  alreadyOpen: 75,
  damaged: 65,
} as const;

/** Of Problems that end a start. */
export const PROBLEM_EXIT: ReadonlyMap<string, number> = new Map([
  ["store/damaged", EXIT.damaged],
  ["store/schema-unknown", EXIT.damaged],
  ["store/full", EXIT.cannotCreate],
  ["store/unwritable", EXIT.cannotCreate],
  ["store/already-open", EXIT.alreadyOpen],
]);

/** How a check ends, apart from the above. */
export const FSCK_EXIT = {
  clean: 0,
  /** Leftovers were there and are mended. */
  repaired: 10,
  /** Leftovers are there; nothing is lost. */
  leftovers: 11,
  damaged: EXIT.damaged,
} as const;

/** Start-up cannot go on. One plain line says why and what to do. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
