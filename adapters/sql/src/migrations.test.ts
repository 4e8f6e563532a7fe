/** The list of migrations itself. That they make the same schema on both databases is shown by the store's suite. */
import { expect, test } from "vitest";
import { MIGRATIONS } from "./migrations.ts";

test("migrations are numbered from 1 without gaps and have names of their own", () => {
  expect(MIGRATIONS.map((migration) => migration.number)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  expect(new Set(MIGRATIONS.map((migration) => migration.name)).size).toBe(MIGRATIONS.length);
});
