/** `npm run simulate -- --steps 1000000 --seed 1`: the simulation as long as wanted. A failing life does not end the run. */
import { parseArgs } from "node:util";
import { live } from "./lives.ts";

const { values } = parseArgs({
  options: { steps: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
});
const due = Number(values.steps);
const first = Number(values.seed);
const REPORT_EVERY = 50_000;
const startedAt = performance.now();
const met = new Map<string, number>();
const failed: number[] = [];
let steps = 0;
let told = 0;
for (let seed = first; steps < due; seed++) {
  steps += await live(seed, met).catch((error: unknown) => {
    failed.push(seed);
    console.log(error instanceof Error ? error.message : error);
    return 1;
  });
  if (steps - told >= REPORT_EVERY) {
    told = steps;
    console.log(
      `${steps} steps, ${failed.length} failed lives, ${Math.round((performance.now() - startedAt) / 1000)} s`,
    );
  }
}
for (const [label, count] of [...met].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${label}  ${count}`);
console.log(`${steps} steps from seed ${first} on; failed lives: ${failed.length === 0 ? "none" : failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
