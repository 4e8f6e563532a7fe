/** One page in one state, for the axe test and `tools/screens.mjs`. */
import type { Page } from "playwright-core";
import { instance, member, type PortalDouble } from "../portal-double.ts";

export interface Scene {
  readonly name: string;
  /** Prepares the double, opens the page and brings it to the state. */
  readonly show: (page: Page, double: PortalDouble) => Promise<void>;
}

/** A member who is signed in and has nothing, but for what `answers` says. */
export function base(
  double: PortalDouble,
  answers: Record<string, Parameters<PortalDouble["answers"]["set"]>[1]> = {},
): void {
  double.answers.clear();
  double.answers.set("GET /instance", instance());
  double.answers.set("GET /me", { body: member });
  double.answers.set("GET /transfers/attention", { body: { transfers: 0 } });
  double.answers.set("GET /recoveries", { body: { recoveries: [] } });
  for (const [name, answer] of Object.entries(answers)) double.answers.set(name, answer);
}

export const open = (page: Page, double: PortalDouble, path: string) => page.goto(`${double.origin}${path}`);
export const heading = (page: Page, text: string | RegExp) =>
  page.getByRole("heading", { level: 1, name: text }).waitFor();
