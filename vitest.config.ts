/**
 * Where tests are and how long they may take. Unit tests stand beside their module; what needs a process,
 * a database or a browser stands under tests/ by kind. Two files run at a time, for one seldom fills two cores; those
 * that measure memory run alone at the end, or they would measure each other instead of the product.
 *
 * PROPERTY_SEED repeats a run: it seeds both the order of tests and fast-check (tests/property-seed.ts).
 */
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const seed = Number.parseInt(process.env["PROPERTY_SEED"] ?? "", 10) || Date.now() % 2 ** 31;
const shared = {
  env: { PROPERTY_SEED: String(seed) },
  setupFiles: ["./tests/property-seed.ts"],
  exclude: ["**/node_modules/**", "**/dist/**"],
};

const MEASURING = [
  "tests/e2e/portal-large.test.ts",
  "tests/integration/envelope-large.test.ts",
  "tests/integration/large-file.test.ts",
];

/** Files that take minutes, longest first. Begun last, one of them would end by itself on an idle machine. */
const LONG = [
  "tests/e2e/portal-pages.test.ts",
  "tests/fault/harness.test.ts",
  "tests/attack/revoke-races.test.ts",
  "tests/integration/identity-accounts.test.ts",
  "tests/e2e/portal-receive.test.ts",
  "tests/integration/many-files.test.ts",
  "tests/e2e/portal-send.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const found = LONG.findIndex((path) => moduleId.endsWith(`/${path}`));
  return found === -1 ? LONG.length : found;
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          sequence: { seed, groupOrder: 0 },
          include: ["{packages,adapters,apps}/*/{src,bin}/**/*.test.{ts,tsx}", "{testkit,bench,tools}/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          ...shared,
          name: "house",
          sequence: { seed, groupOrder: 0 },
          include: ["tests/house/**/*.test.ts"],
          // They read every file while the unit tests have the cores.
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...shared,
          name: "process",
          sequence: { seed, groupOrder: 1 },
          include: ["tests/{integration,fault,simulation,e2e,attack}/**/*.test.ts"],
          exclude: [...shared.exclude, ...MEASURING],
          globalSetup: ["./tests/portal-build.ts"],
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...shared,
          name: "measuring",
          sequence: { seed, groupOrder: 2 },
          include: MEASURING,
          globalSetup: ["./tests/portal-build.ts"],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
