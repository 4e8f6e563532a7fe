/** Gives every property test of a run one seed, which vitest.config.ts chose and the runner printed. */
import { configureGlobal } from "fast-check";

configureGlobal({ seed: Number(process.env["PROPERTY_SEED"]) });
