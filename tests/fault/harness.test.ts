/** Some dozens of seeded faults against a real server and key service; `npm run faults` tries hundreds. */
import { removeFolder, temporaryFolder } from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { campaign } from "./harness/campaign.ts";
import { reportLines } from "./harness/report.ts";
import { injectionMissing } from "./harness/system-calls.ts";

const KILLS = 16;
const WITHIN_MS = 600_000;
const missing = injectionMissing();

let root: string;
beforeAll(async () => {
  root = await temporaryFolder();
});
afterAll(() => removeFolder(root));

describe.skipIf(missing !== null)(`faults at random moments${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  test(
    `what was acknowledged stays, what was closed stays closed, through ${KILLS} kills and the faults between them`,
    async () => {
      const seed = process.env["PROPERTY_SEED"] ?? "0";
      const report = await campaign({ root, seed, kills: KILLS });
      process.stdout.write(`${reportLines(report).join("\n")}\n`);
      expect(report.losses).toEqual([]);
      expect(report.kills).toBe(KILLS);
    },
    WITHIN_MS,
  );
});
