/** A store that a suite opens anew for each test. */
import type { Store } from "@safeconduct/exchange";

/** The empty store that the running test of the store suite has got. */
export type StoreOfTest = () => Store;
