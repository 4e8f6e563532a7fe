/**
 * One byte of a stopped instance is changed, in a copy: whatever it hits, the instance says so or nothing is different.
 * A file that opens to other bytes, a closed transfer that opens, or a log that no longer holds and passes is a loss.
 */
import { cp, open, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { removeFolder } from "@safeconduct/testkit";
import type { Chance } from "./chance.ts";
import type { Clinic } from "./clinic.ts";

/** What lies in a data folder, by what a change of it would reach. */
const KINDS = {
  database: /^safeconduct\.sqlite$/,
  blob: /^blobs\/.*\.part$/,
  tile: /^ledger\/(tile\/|checkpoint$)/,
  ring: /^keys\//,
  secret: /^secrets\//,
} as const;
type DamagedKind = keyof typeof KINDS;
export const DAMAGED_KINDS = Object.keys(KINDS) as DamagedKind[];

const CHECKED_TRANSFERS = 6;

/** Damages a copy of the stopped `clinic` and answers what it did, and what was lost. */
export async function damage(
  clinic: Clinic,
  kind: DamagedKind,
  chance: Chance,
): Promise<{ words: string; losses: readonly string[] }> {
  const root = `${clinic.root}-damaged`;
  await cp(clinic.root, root, { recursive: true, preserveTimestamps: true });
  try {
    const words = await changeByte(join(root, "home"), kind, chance);
    return { words, losses: await lossesUnderDamage(clinic.copyAt(root), chance) };
  } finally {
    await removeFolder(root);
  }
}

async function changeByte(home: string, kind: DamagedKind, chance: Chance): Promise<string> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
    .filter((path) => KINDS[kind].test(path))
    .sort();
  const path = chance.pick(files);
  const { size } = await stat(join(home, path));
  const at = size === 0 ? 0 : chance.between(0, size - 1);
  const file = await open(join(home, path), "r+");
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ (1 << chance.between(0, 7));
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
  return `${kind}: byte ${at} of ${size} in ${path.replace(/[^/]*\.part$/, "a part")}`;
}

async function lossesUnderDamage(copy: Clinic, chance: Chance): Promise<readonly string[]> {
  try {
    await copy.start();
  } catch (error) {
    // It refuses to start, which is an answer when it comes with words.
    return /^exit \d+: \S/.test(error instanceof Error ? error.message : "") ? [] : ["ended without a word"];
  }
  const losses: string[] = [];
  try {
    for (let each = 0; each < CHECKED_TRANSFERS && copy.known.length > 0; each++) {
      const known = chance.pick(copy.known);
      if (known.session === null) continue;
      // Refusals and errors are answers too; `open` throws of itself when other bytes come out.
      const outcome = await copy.open(known, oneAnswer).catch((error: unknown) => {
        if (error instanceof Error && error.message.endsWith("opened to other bytes")) losses.push(error.message);
        return "failed" as const;
      });
      if (outcome === "opened" && known.revocation === "told") losses.push(`${known.transfer}: revoked, and opens`);
    }
  } finally {
    await copy.instance.stop();
  }
  return losses;
}

/** Clients try again through outages for minutes; here an outage is an answer like any refusal. */
const oneAnswer: typeof globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (response.status < 500) return response;
  const problem = { type: "about:blank", title: "An outage.", status: 404, code: "grant/unavailable" };
  return Response.json(problem, { status: problem.status });
};
