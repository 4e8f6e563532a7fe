import { expect, it } from "vitest";
import { mailedCode } from "./mailed-code.ts";

it.each([
  ["Your code is 402719.", "402719"],
  ["Your code is 402 719.\nIt works for 10 minutes.", "402719"],
  ["402-719", "402719"],
  ["Code: 402719. Again: 402719.", "402719"],
])("finds the code in %j", (text, code) => {
  expect(mailedCode(text)).toBe(code);
});

it.each(["", "no code", "40271", "4027190", "call 555-402-7190", "either 402719 or 402720", "a402719", "grt_402719x"])(
  "finds no code in %j",
  (text) => {
    expect(mailedCode(text)).toBeNull();
  },
);
