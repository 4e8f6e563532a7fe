import { expect, test } from "vitest";
import { isLastOfficer, type Member } from "./answers.ts";

const member = (id: string, ...roles: Member["roles"]): Member => ({ ...({} as Member), id, roles });
const [anna, ben, cora] = [
  member("a", "sender", "compliance-officer"),
  member("b", "compliance-officer"),
  member("c", "administrator"),
];

test("the only compliance officer is the last one, whatever else they are", () => {
  expect(isLastOfficer([anna, cora], anna)).toBe(true);
  expect(isLastOfficer([anna, ben, cora], anna)).toBe(false);
  expect(isLastOfficer([anna, cora], cora)).toBe(false);
  expect(isLastOfficer([cora], cora)).toBe(false);
});
