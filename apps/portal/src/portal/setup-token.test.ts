import { base64UrlText } from "@safeconduct/foundation";
import { expect, it } from "vitest";
import { setupTokenOf } from "./setup-token.ts";

const token = base64UrlText(new Uint8Array(32).fill(7));

it("a whole set-up link has its token", () => {
  expect(setupTokenOf(`#token=${token}`)).toBe(token);
});

it.each([
  ["nothing", ""],
  ["an empty fragment", "#"],
  ["no value", "#token="],
  ["a cut token", `#token=${token.slice(0, -1)}`],
  ["31 bytes", `#token=${base64UrlText(new Uint8Array(31))}`],
  ["33 bytes", `#token=${base64UrlText(new Uint8Array(33))}`],
  ["another spelling of the last character", `#token=${token.slice(0, -1)}d`],
  ["a second parameter", `#token=${token}&x=1`],
  ["text after it", `#token=${token} `],
  ["another name", `#tokens=${token}`],
  ["a question mark", `?token=${token}`],
])("%s is no set-up token", (_, fragment) => {
  expect(setupTokenOf(fragment)).toBeNull();
});
