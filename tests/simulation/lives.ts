/** Many walks, one after the other, each with a seed of its own; what goes wrong names its seed and the last steps. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { cheapCrypto } from "@safeconduct/testkit";
import { ExchangeWalk } from "./exchange-walk.ts";

/** One instance lives this long; then the next begins. */
const STEPS_PER_LIFE = 160;

export interface Lived {
  readonly steps: number;
  readonly lives: number;
  /** How often each outcome of each step came, and each fault. */
  readonly met: ReadonlyMap<string, number>;
}

/** The life with this seed alone. Throws with seed and last steps. */
export async function live(
  seed: number,
  met: Map<string, number> = new Map(),
  limit = STEPS_PER_LIFE,
): Promise<number> {
  const walk = await ExchangeWalk.open({ crypto: cheapCrypto(nodeCrypto()), seed });
  let steps = 0;
  try {
    while (steps < limit) steps += await walk.burst();
    await walk.finish();
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    const last = walk.trace.join("\n  ");
    throw new Error(`${told}\nstep ${steps} of the life with seed ${seed}; the last steps:\n  ${last}`, {
      cause: error,
    });
  }
  for (const counted of [walk.outcomes, walk.world.turnstile.faults])
    for (const [label, count] of counted) met.set(label, (met.get(label) ?? 0) + count);
  return steps;
}

export async function liveMany({ steps: due, seed }: { steps: number; seed: number }): Promise<Lived> {
  const met = new Map<string, number>();
  let steps = 0;
  let lives = 0;
  for (; steps < due; lives++) steps += await live(seed + lives, met, Math.min(STEPS_PER_LIFE, due - steps));
  return { steps, lives, met };
}
