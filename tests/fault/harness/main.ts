/**
 * The nightly faults: `npm run faults -- [--kills 200] [--seed WORD]`. Prints each round, then what was tried and lost;
 * ends with 1 when anything was. The same seed draws the same acts and faults; moments still differ by some milliseconds.
 */
import { parseArgs } from "node:util";
import { removeFolder, temporaryFolder } from "@safeconduct/testkit";
import { campaign } from "./campaign.ts";
import { reportLines } from "./report.ts";
import { injectionMissing } from "./system-calls.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "200" }, seed: { type: "string" } } });
const seed = values.seed ?? String(Date.now());
const missing = injectionMissing();
if (missing !== null) throw new Error(`faults at system calls need strace: ${missing}`);
const root = await temporaryFolder();
process.stdout.write(`seed ${seed}\n`);
const report = await campaign({
  root,
  seed,
  kills: Number(values.kills),
  say: (line) => process.stdout.write(`${line}\n`),
});
await removeFolder(root);
process.stdout.write(`${reportLines(report).join("\n")}\n`);
process.exitCode = report.losses.length === 0 ? 0 : 1;
