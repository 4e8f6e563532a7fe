/** What people do while something breaks. An act says nothing about success: the clinic has written down what was acknowledged. */
import { addressOf } from "../../integration/api-sender.ts";
import type { Chance } from "./chance.ts";
import type { Clinic, Known } from "./clinic.ts";

export const ACTS = ["upload", "seal", "confirm", "release", "revoke", "expire"] as const;
export type Act = (typeof ACTS)[number];

export interface Acting {
  /** Resolves when everything before the dangerous part is done; the act waits there. */
  readonly brink: Promise<unknown>;
  /** Lets it go on. */
  readonly go: () => void;
  /** The whole act, over restarts. */
  readonly done: Promise<unknown>;
}

const LIFE_MS = 6 * 3_600_000;
/** Three parts, so that a fault meets some that are stored and some that are not. */
const LARGE_BYTES = 17 * 2 ** 20;
const SMALL_BYTES = 50_000;
/** Long enough to be sealed, short enough to be waited for. */
const SHORT_LIFE_MS = 3_000;

/** Prepares what the act needs while nothing is broken, and brings it to the brink. */
export async function prepare(act: Act, clinic: Clinic, chance: Chance): Promise<Acting> {
  const releaseCap = chance.pick([0, 0, 1, 2]);
  const small = { sizeBytes: SMALL_BYTES + chance.between(0, 1000), lifeMs: LIFE_MS, releaseCap };
  const { promise: gate, resolve: go } = Promise.withResolvers<void>();
  const afterGate = (work: () => Promise<unknown>): Acting => ({ brink: Promise.resolve(), go, done: gate.then(work) });
  switch (act) {
    case "upload":
      return afterGate(() => clinic.send({ ...small, sizeBytes: LARGE_BYTES, releaseCap: 0 }));
    case "seal": {
      const { reached, fetch } = waitingBefore("/seal", gate);
      const done = clinic.send({ ...small, fetch });
      return { brink: Promise.race([reached, done]), go, done };
    }
    case "confirm": {
      const known = await clinic.send(small);
      // Asking for another code so soon may be refused, so this may stay open.
      return afterGate(() => clinic.confirm(known).catch(() => undefined));
    }
    case "release": {
      const known = await confirmed(clinic, small);
      return afterGate(() => clinic.open(known));
    }
    case "revoke": {
      const known = await confirmed(clinic, small);
      return afterGate(() => clinic.revoke(known));
    }
    case "expire": {
      const known = await confirmed(clinic, { ...small, lifeMs: SHORT_LIFE_MS });
      return { brink: until(known.notAfter - 100), go, done: gate.then(() => until(known.notAfter + 1500)) };
    }
  }
}

async function confirmed(clinic: Clinic, sending: Parameters<Clinic["send"]>[0]): Promise<Known> {
  const known = await clinic.send(sending);
  await clinic.confirm(known);
  return known;
}

/** A fetch that stops before an address with this end until the gate opens. */
function waitingBefore(end: string, gate: Promise<void>): { reached: Promise<void>; fetch: typeof globalThis.fetch } {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  return {
    reached,
    fetch: async (input, init) => {
      if (addressOf(input).endsWith(end)) {
        resolve();
        await gate;
      }
      return fetch(input, init);
    },
  };
}

const until = (at: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())));
