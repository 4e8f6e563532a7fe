/**
 * Answers to guesses go out at even times. A wrong code is written down and flushed before it is refused; a code for a link that
 * is unknown, has ended or is waiting is refused at once: how long the answer took would tell a stranger which of them it was.
 * So each waits for the next whole {@link SLOT_MS} since its request came, whatever it says and however it ends.
 * Work that takes longer than one slot still shows as two; under load that is seldom and falls on every kind.
 */
import type { RouteName } from "@safeconduct/contract";
import type { Clock } from "@safeconduct/foundation";

/** Above what a flushed entry takes nearly always (docs/benchmarks.md); below what a person notices. */
export const SLOT_MS = 100;

const EVEN: ReadonlySet<RouteName> = new Set([
  "signInWithPasskey",
  "sendCode",
  "confirm",
  "sendDeletionCode",
  "confirmDeletion",
  "provePasscode",
  "proveAuthenticator",
  "provePasskey",
]);

export interface EvenPorts {
  readonly clock: Pick<Clock, "monotonic">;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** What `work` gives or throws; of a route with guesses not before a slot is full. */
export async function atEvenTime<Value>(
  { clock, wait }: EvenPorts,
  route: RouteName,
  work: () => Promise<Value>,
): Promise<Value> {
  if (!EVEN.has(route)) return work();
  const began = clock.monotonic();
  try {
    return await work();
  } finally {
    const passed = clock.monotonic() - began;
    await wait(Math.max(1, Math.ceil(passed / SLOT_MS)) * SLOT_MS - passed);
  }
}

export const timedWait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
