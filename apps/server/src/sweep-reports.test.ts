/** How often the log hears that the sweep cannot do its work. */
import { keysProblem } from "@safeconduct/keyring";
import { expect, test } from "vitest";
import { sweepReports } from "./sweep-reports.ts";

const stopped = keysProblem("keys/clock-stopped");
const away = keysProblem("keys/unavailable");

function told(act: (reports: ReturnType<typeof sweepReports>) => void): string[] {
  const lines: string[] = [];
  const log = (event: object) => lines.push("failure" in event ? (String(event.failure).split(" ")[0] ?? "") : "");
  act(sweepReports(log));
  return lines;
}

test("a clock that stops the sweep is told once, and again only after a sweep went through", () => {
  const lines = told((reports) => {
    for (let turn = 0; turn < 3; turn++) reports.failed(stopped);
    reports.done();
    reports.failed(stopped);
  });
  expect(lines).toEqual(["Problem:keys/clock-stopped", "Problem:keys/clock-stopped"]);
});

test("every other failure is told each time, also while the clock stops the sweep", () => {
  const lines = told((reports) => {
    for (const failure of [stopped, away, stopped, away]) reports.failed(failure);
  });
  expect(lines).toEqual(["Problem:keys/clock-stopped", "Problem:keys/unavailable", "Problem:keys/unavailable"]);
});
