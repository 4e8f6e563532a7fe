import { expect, it } from "vitest";
import { pageOf } from "./routing.ts";

it.each([
  ["/", "transfers"],
  ["/tokens", "tokens"],
  ["/setup", "setup"],
  ["/sign-in", "sign-in"],
  ["/mailbox", "mailbox"],
])("%s is a page", (path, page) => {
  expect(pageOf(path)).toBe(page);
});

it.each(["/Sign-in", "/sign-in/", "/r/x", "", "/constructor", "constructor", "/__proto__", "//"])(
  "%j is no page of the portal",
  (path) => {
    expect(pageOf(path)).toBe("not-found");
  },
);
