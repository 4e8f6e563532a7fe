import { expect, test } from "vitest";
import { isPageFor } from "./page-roles.ts";

test("an administrator alone gets members and no transfers, everybody else the other way round", () => {
  expect([isPageFor("members", ["administrator"]), isPageFor("transfers", ["administrator"])]).toEqual([true, false]);
  for (const role of ["sender", "reviewer", "compliance-officer"] as const)
    expect([isPageFor("members", [role]), isPageFor("transfers", [role])]).toEqual([false, true]);
  expect(isPageFor("members", ["sender", "administrator"])).toBe(true);
  expect(isPageFor("tokens", [])).toBe(true);
});
