/** What people do while something breaks. An act says nothing about success: the clinic has written down what was acknowledged. */
import type { Chance } from "./chance.ts";
import type { Clinic, Known } from "./clinic.ts";

export const ACTS = ["upload", "seal", "confirm", "release", "revoke", "expire"] as const;
export type Act = (typeof ACTS)[number];

export interface Acting {
  /** Resolves when the dangerous part begins: faults count from here. */
  readonly begun: Promise<void>;
  /** The whole act, over restarts. */
  readonly done: Promise<unknown>;
}

const LIFE_MS = 6 * 3_600_000;
/** Three parts, so that a fault meets some that are stored and some that are not. */
const LARGE_BYTES = 17 * 2 ** 20;
const SMALL_BYTES = 50_000;
/** Long enough to be sealed, short enough to be waited for. */
const SHORT_LIFE_MS = 4_000;

/** Prepares what the act needs while nothing is broken; the answer begins it. */
export async function prepare(act: Act, clinic: Clinic, chance: Chance): Promise<() => Acting> {
  const releaseCap = chance.pick([0, 0, 1, 2]);
  const small = { sizeBytes: SMALL_BYTES + chance.between(0, 1000), lifeMs: LIFE_MS, releaseCap };
  const now = Promise.resolve();
  switch (act) {
    case "upload":
      return () => ({ begun: now, done: clinic.send({ ...small, sizeBytes: LARGE_BYTES, releaseCap: 0 }) });
    case "seal": {
      const { begun, fetch } = signalling("/seal");
      return () => ({ begun, done: clinic.send({ ...small, fetch }) });
    }
    case "confirm": {
      const known = await clinic.send(small);
      // A code that a killed server had mailed is gone with its mailbox; asking again has to wait, so this may stay open.
      return () => ({ begun: now, done: clinic.confirm(known).catch(() => undefined) });
    }
    case "release": {
      const known = await confirmed(clinic, small);
      return () => ({ begun: now, done: clinic.open(known) });
    }
    case "revoke": {
      const known = await confirmed(clinic, small);
      return () => ({ begun: now, done: clinic.revoke(known) });
    }
    case "expire": {
      const known = await confirmed(clinic, { ...small, lifeMs: SHORT_LIFE_MS });
      return () => ({ begun: until(known.notAfter), done: until(known.notAfter + 1500) });
    }
  }
}

async function confirmed(clinic: Clinic, sending: Parameters<Clinic["send"]>[0]): Promise<Known> {
  const known = await clinic.send(sending);
  await clinic.confirm(known);
  return known;
}

/** A fetch that tells when an address with this end is called for the first time. */
function signalling(end: string): { begun: Promise<void>; fetch: typeof globalThis.fetch } {
  const begun = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    fetch: (input, init) => {
      const address = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
      if (address.endsWith(end)) begun.resolve();
      return fetch(input, init);
    },
  };
}

const until = (at: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())));
