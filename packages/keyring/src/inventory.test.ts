/** The inventory: one encoding, pages that meet, and no share in it. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import { expect, it } from "vitest";
import {
  INVENTORY_PAGE_LIMIT,
  inventoryAnswer,
  type InventoryEntry,
  inventoryPage,
  type InventoryPlace,
  inventoryRequest,
} from "./inventory.ts";
import { RESPONSE_LIMIT_BYTES } from "./limits.ts";
import { Ring } from "./ring.ts";

const { random, sha256 } = nodeCrypto();
const organisation = drawId("organisation", random);
const transfer = drawId("transfer", random);
const holds = [drawId("hold", random), drawId("hold", random)];
const live = { transfer, termsHash: random.bytes(32), releases: 7 };
const ENTRIES: readonly InventoryEntry[] = [
  { kind: "transfer", id: transfer, organisation, state: "active", holds },
  { kind: "transfer", id: drawId("transfer", random), organisation, state: "shredded", holds: [] },
  { kind: "grant", id: drawId("grant", random), organisation, state: "suspended", live },
  { kind: "grant", id: drawId("grant", random), organisation, state: "shredded", live: null },
];

it("comes back from its encoding, and is nothing when cut short, longer or of another version", () => {
  const encoded = inventoryAnswer.encode({ entries: ENTRIES });
  expect(inventoryAnswer.decode(encoded)).toEqual({ entries: ENTRIES });
  for (let length = 0; length < encoded.length; length++) {
    expect(inventoryAnswer.decode(encoded.subarray(0, length))).toBeNull();
  }
  expect(inventoryAnswer.decode(Uint8Array.of(...encoded, 0))).toBeNull();
  expect(inventoryAnswer.decode(encoded.with(0, 2))).toBeNull();
});

it.each([null, { kind: "transfer", id: transfer }, { kind: "grant", id: drawId("grant", random) }] as const)(
  "may be asked for after %o",
  (after) => {
    const encoded = inventoryRequest.encode({ after });
    expect(inventoryRequest.decode(encoded)).toEqual({ after });
    expect(inventoryRequest.decode(Uint8Array.of(...encoded, 0))).toBeNull();
    expect(inventoryRequest.decode(encoded.with(1, 3))).toBeNull();
  },
);

/** After version 1, number 2, kind 1 and two ids of 16. */
const STATE_AT = 36;

it("an entry of an unknown kind or state is refused", () => {
  const encoded = inventoryAnswer.encode({ entries: ENTRIES.slice(0, 1) });
  for (const kind of [0, 3]) expect(inventoryAnswer.decode(encoded.with(3, kind))).toBeNull();
  for (const state of [0, 4]) expect(inventoryAnswer.decode(encoded.with(STATE_AT, state))).toBeNull();
});

it("lists each id once over as many pages as it takes, transfers first, and a full page fits into an answer", () => {
  const ring = new Ring();
  const share = random.bytes(32);
  const transfers = Array.from({ length: INVENTORY_PAGE_LIMIT + 1 }, () => drawId("transfer", random));
  for (const id of transfers) ring.transfers.set(id, { state: "active", organisation, share, holds: [] });
  const grants = Array.from({ length: INVENTORY_PAGE_LIMIT }, () => drawId("grant", random));
  const terms = random.bytes(72);
  for (const id of grants) {
    ring.grants.set(id, { state: "active", organisation, transfer, share, terms, releases: 0, releasedKeys: [] });
  }
  const listed: InventoryEntry[] = [];
  let after: InventoryPlace = null;
  for (;;) {
    const page: readonly InventoryEntry[] = inventoryPage(sha256, ring, after);
    const encoded = inventoryAnswer.encode({ entries: page });
    expect(encoded.length).toBeLessThanOrEqual(RESPONSE_LIMIT_BYTES);
    expect(Buffer.from(encoded).includes(Buffer.from(share))).toBe(false);
    if (page.length === 0) break;
    expect(page.length).toBeLessThanOrEqual(INVENTORY_PAGE_LIMIT);
    listed.push(...page);
    after = page.at(-1) ?? null;
  }
  expect(listed.map(({ id }) => id)).toEqual([...transfers.sort(), ...grants.sort()]);
});
