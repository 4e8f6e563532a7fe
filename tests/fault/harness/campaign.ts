/**
 * Rounds of an act and a fault, from one seed. After each: the instance runs again, the transfers of the round and two others
 * are checked, and the log still holds what was seen of it before. Every few rounds it is stopped and its folder checked.
 */
import { isProblem } from "@safeconduct/foundation";
import { ACTS, type Act, prepare } from "./acts.ts";
import { type Chance, seededChance } from "./chance.ts";
import { lossesOf } from "./checks.ts";
import { Clinic } from "./clinic.ts";
import { damage, DAMAGED_KINDS } from "./damage.ts";
import { arm, type Fault, FAULT_WEIGHTS } from "./faults.ts";
import { folderLosses } from "./folder-check.ts";

export interface CampaignReport {
  readonly kills: number;
  readonly faults: ReadonlyMap<Fault | "damage", number>;
  readonly acts: ReadonlyMap<Act, number>;
  readonly losses: readonly string[];
}

export interface CampaignOptions {
  readonly root: string;
  readonly seed: string;
  /** Rounds go on until this many processes were killed. */
  readonly kills: number;
  readonly say?: (line: string) => void;
}

/** An act that does not come to an end over a restart is a loss by itself. */
const ACT_WITHIN_MS = 90_000;
const FOLDER_EVERY_ROUNDS = 20;
/** More rounds than that for one kill mean that kills do not strike at all. */
const ROUNDS_PER_KILL = 10;
const WEIGHTED = Object.entries(FAULT_WEIGHTS).flatMap(([fault, weight]) => Array<Fault>(weight).fill(fault as Fault));

export async function campaign({ root, seed, kills, say }: CampaignOptions): Promise<CampaignReport> {
  const chance = seededChance(seed);
  const done = {
    kills: 0,
    faults: new Map<Fault | "damage", number>(),
    acts: new Map<Act, number>(),
    losses: [] as string[],
  };
  const clinic = await Clinic.begin(root, ["--expiry-grace", "1"]);
  try {
    for (let round = 1; done.kills < kills && round <= kills * ROUNDS_PER_KILL; round++) {
      const fault = chance.pick(WEIGHTED);
      const act = chance.pick(ACTS);
      const { words, struck, losses } = await oneRound(clinic, chance, { fault, act });
      if (struck) {
        count(done.faults, fault);
        count(done.acts, act);
        if (fault === "kill" || fault === "kill-at-call") done.kills++;
      }
      say?.(`${round}  ${act}: ${words}${losses.length === 0 ? "" : `  LOST: ${losses.join("; ")}`}`);
      done.losses.push(...losses.map((loss) => `seed ${seed}, round ${round} (${act}: ${words}): ${loss}`));
      if (round % FOLDER_EVERY_ROUNDS === 0 || done.kills === kills) {
        await clinic.instance.stop();
        done.losses.push(...(await folderLosses(clinic)).map((loss) => `seed ${seed}, after round ${round}: ${loss}`));
        for (const kind of DAMAGED_KINDS) {
          const { words: changed, losses: under } = await damage(clinic, kind, chance);
          count(done.faults, "damage");
          say?.(`damage  ${changed}${under.length === 0 ? "" : `  LOST: ${under.join("; ")}`}`);
          done.losses.push(...under.map((loss) => `seed ${seed}, after round ${round} (${changed}): ${loss}`));
        }
        await clinic.start();
      }
    }
    for (const known of clinic.known) done.losses.push(...(await checked(clinic, known)));
  } finally {
    await clinic.end();
  }
  return done;
}

async function oneRound(clinic: Clinic, chance: Chance, { fault, act }: { fault: Fault; act: Act }) {
  const losses: string[] = [];
  const known = clinic.known.length;
  const acting = await within(prepare(act, clinic, chance), ACT_WITHIN_MS);
  await within(acting.brink, ACT_WITHIN_MS);
  const armed = await arm(fault, clinic, chance);
  const finished = within(acting.done, ACT_WITHIN_MS).catch((error: unknown) => {
    // A plain refusal is an answer: nothing was acknowledged.
    if (!isProblem(error)) losses.push(`the act failed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  });
  acting.go();
  const struck = await armed.strike(finished);
  await clinic.ensureUp();
  await finished;
  await clinic.ensureUp();
  // Where nothing broke there is nothing to look for; the end of the campaign looks at every transfer anyway.
  if (!struck) return { words: `nothing (no ${armed.words})`, struck, losses };
  const others = clinic.known.length === 0 ? [] : [chance.pick(clinic.known), chance.pick(clinic.known)];
  for (const each of new Set([...clinic.known.slice(known), ...others])) losses.push(...(await checked(clinic, each)));
  const log = await clinic.logHolds();
  if (log !== null) losses.push(`the log does not hold: ${log}`);
  return { words: armed.words, struck, losses };
}

/** A revocation of which nobody knows whether it came through is asked for again: then it must hold. */
async function checked(clinic: Clinic, known: Clinic["known"][number]): Promise<readonly string[]> {
  try {
    if (known.revocation === "asked") await clinic.revoke(known);
    return await lossesOf(clinic, known);
  } catch (error) {
    return [`${known.transfer}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function within<Value>(work: Promise<Value>, limitMs: number): Promise<Value> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`not done within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
