/** One page in one state, for the axe test and `tools/screens.mjs`. */
import type { Page } from "playwright-core";
import type { PortalDouble } from "../portal-double.ts";

export interface Scene {
  readonly name: string;
  /** Prepares the double, opens the page and brings it to the state. */
  readonly show: (page: Page, double: PortalDouble) => Promise<void>;
}
