/** What must be true after any fault. Each answer is a list of losses in words; an empty list is what everybody hopes for. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clinic, Known } from "./clinic.ts";

/** What was acknowledged for one transfer holds: it opens to the same bytes, or stays closed for ever. */
export async function lossesOf(clinic: Clinic, known: Known): Promise<readonly string[]> {
  const losses: string[] = [];
  const shown = await clinic.shown(known);
  if (shown === null) return [`${known.transfer}: acknowledged and not there`];
  const grant = shown.grants[0];
  const isOver = Date.now() >= known.notAfter;
  // Another code so soon may be refused; then a later round looks again.
  if (known.session === null && !isOver && known.revocation === "none")
    await clinic.confirm(known).catch(() => undefined);
  const hasCapLeft = known.releaseCap === 0 || known.openings < known.releaseCap;
  if (known.session !== null && known.openings < OPENINGS_LIMIT) {
    const before = known.openings;
    const outcome = await clinic.open(known);
    const mustOpen = known.revocation === "none" && hasCapLeft && Date.now() < known.notAfter;
    if (mustOpen && outcome !== "opened") losses.push(`${known.transfer}: should open and does not`);
    if (outcome === "opened") {
      if (known.revocation === "told") losses.push(`${known.transfer}: opens although its revocation was acknowledged`);
      if (isOver) losses.push(`${known.transfer}: opens after its end`);
      if (known.releaseCap > 0 && before >= known.releaseCap) losses.push(`${known.transfer}: opens beyond its cap`);
    }
  }
  if (known.revocation === "told") losses.push(...(await remnantsOf(clinic, known)));
  if (grant !== undefined && known.releaseCap > 0 && grant.releases > known.releaseCap)
    losses.push(`${known.transfer}: ${grant.releases} releases under a cap of ${known.releaseCap}`);
  return losses;
}

/** A grant without a cap takes a hundred keys; checks leave some of them to the acts. */
const OPENINGS_LIMIT = 60;

/** A revoked transfer ends as destroyed, and no part of it stays on the disk. The sweep may finish what a fault cut short. */
async function remnantsOf(clinic: Clinic, { transfer }: Known): Promise<readonly string[]> {
  for (let tries = 0; ; tries++) {
    const paths = await readdir(join(clinic.home, "blobs"), { recursive: true });
    const known = clinic.known.find((each) => each.transfer === transfer);
    const state = known === undefined ? null : (await clinic.shown(known))?.state;
    const hasParts = paths.some((path) => path.includes(transfer) && path.endsWith(".part"));
    if (state === "destroyed" && !hasParts) return [];
    if (tries > 400) return [`${transfer}: revoked, and still ${hasParts ? "with parts on the disk" : `${state}`}`];
    await sleep(25);
  }
}
