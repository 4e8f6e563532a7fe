import { formatFragment } from "@safeconduct/envelope";
import { drawId } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { receivedLink } from "./link.ts";

const grant = drawId("grant", { bytes: (length) => new Uint8Array(length).fill(3) });
const transfer = drawId("transfer", { bytes: (length) => new Uint8Array(length).fill(3) });
const secret = { linkSecret: new Uint8Array(32).fill(1), signingKeyHash: new Uint8Array(32).fill(2) };
const hash = `#${formatFragment(secret)}`;
const pathname = `/r/${grant}`;

describe("the recipient's link", () => {
  it("names the grant and holds the secret", () => {
    expect(receivedLink({ pathname, hash })).toEqual({ grant, secret });
  });

  it.each([
    ["no fragment", pathname, ""],
    ["an empty fragment", pathname, "#"],
    ["a fragment cut by a mail program", pathname, hash.slice(0, -1)],
    ["a fragment with a full stop behind it", pathname, `${hash}.`],
    ["a fragment without its sign", pathname, hash.slice(1)],
    ["an unknown version", pathname, `#B${hash.slice(2)}`],
    ["no grant", "/r/", hash],
    ["the id of a transfer", `/r/${transfer}`, hash],
    ["a grant in capitals", pathname.toUpperCase(), hash],
    ["a longer path", `${pathname}/x`, hash],
    ["another page", `/${grant}`, hash],
  ])("is incomplete with %s", (_, path, fragment) => {
    expect(receivedLink({ pathname: path, hash: fragment })).toBeNull();
  });
});
