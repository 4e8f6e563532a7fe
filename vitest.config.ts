/**
 * Where tests are and how long they may take. Unit tests stand beside their module; what needs a process,
 * a database or a browser stands under tests/ by kind and runs one file at a time, because two of those on
 * two cores measure each other instead of the product.
 *
 * PROPERTY_SEED repeats a run: it seeds both the order of tests and fast-check (tests/property-seed.ts).
 */
import { defineConfig } from "vitest/config";

const seed = Number.parseInt(process.env["PROPERTY_SEED"] ?? "", 10) || Date.now() % 2 ** 31;
const shared = {
  env: { PROPERTY_SEED: String(seed) },
  setupFiles: ["./tests/property-seed.ts"],
  exclude: ["**/node_modules/**", "**/dist/**"],
};

export default defineConfig({
  test: {
    maxWorkers: 2,
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
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
