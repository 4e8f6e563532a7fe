/**
 * What the key service holds, without a single share: for `fsck`, which compares it with the database. It lists every
 * organisation's, in pages: transfers by id, then grants by id.
 */
import {
  type BinaryReader,
  type BinaryWriter,
  type Bytes,
  type GrantId,
  type HoldId,
  MalformedBinary,
  type OrganisationId,
  type Sha256,
  type TransferId,
} from "@safeconduct/foundation";
import { termsHash } from "@safeconduct/envelope";
import { HASH_BYTES, readId, writeId } from "./encoding.ts";
import { codec, readList, writeList } from "./messages.ts";
import { HOLD_LIMIT, type Ring, SHARE_STATES, type ShareState } from "./ring.ts";

/** Most entries in one answer. */
export const INVENTORY_PAGE_LIMIT = 1_000;

/** The last id of the page before; null for the first page. */
export type InventoryPlace =
  | { readonly kind: "transfer"; readonly id: TransferId }
  | { readonly kind: "grant"; readonly id: GrantId }
  | null;

export type InventoryEntry = {
  readonly organisation: OrganisationId;
  readonly state: ShareState;
} & (
  | {
      readonly kind: "transfer";
      readonly id: TransferId;
      /** None once the share is shredded. */
      readonly holds: readonly HoldId[];
    }
  /** `live` is null once the share is shredded. */
  | {
      readonly kind: "grant";
      readonly id: GrantId;
      readonly live: { readonly transfer: TransferId; readonly termsHash: Bytes; readonly releases: number } | null;
    }
);

const KINDS = { transfer: 1, grant: 2 } as const;

/** One page after `place`; an empty one is the end. */
export function inventoryPage(sha256: Sha256, ring: Ring, place: InventoryPlace): readonly InventoryEntry[] {
  const transfers = place?.kind === "grant" ? [] : idsAfter(ring.transfers.keys(), place?.id ?? null);
  const page: InventoryEntry[] = transfers.flatMap((id) => {
    const entry = ring.transfers.get(id);
    if (entry === undefined) return [];
    const { organisation, state } = entry;
    return [{ kind: "transfer", id, organisation, state, holds: entry.state === "shredded" ? [] : entry.holds }];
  });
  const grants = idsAfter(ring.grants.keys(), place?.kind === "grant" ? place.id : null);
  for (const id of grants.slice(0, INVENTORY_PAGE_LIMIT - page.length)) {
    const entry = ring.grants.get(id);
    if (entry === undefined) continue;
    const { organisation, state } = entry;
    const live =
      entry.state === "shredded"
        ? null
        : { transfer: entry.transfer, termsHash: termsHash(sha256, entry.terms), releases: entry.releases };
    page.push({ kind: "grant", id, organisation, state, live });
  }
  return page;
}

export const inventoryRequest = codec<{ readonly after: InventoryPlace }>(
  (writer, { after }) => (after === null ? writer.u8(0) : writeId(writer.u8(KINDS[after.kind]), after.id)),
  (reader) => {
    const kind = reader.u8();
    if (kind === 0) return { after: null };
    return { after: readKind(kind) === "transfer" ? transferPlace(reader) : grantPlace(reader) };
  },
);

export const inventoryAnswer = codec<{ readonly entries: readonly InventoryEntry[] }>(
  (writer, { entries }) => writeList(writer, entries, (entry) => writeEntry(writer, entry)),
  (reader) => ({ entries: readList(reader, INVENTORY_PAGE_LIMIT, () => readEntry(reader)) }),
);

const transferPlace = (reader: BinaryReader) => ({ kind: "transfer", id: readId(reader, "transfer") }) as const;
const grantPlace = (reader: BinaryReader) => ({ kind: "grant", id: readId(reader, "grant") }) as const;

function writeEntry(writer: BinaryWriter, entry: InventoryEntry): void {
  writeId(writeId(writer.u8(KINDS[entry.kind]), entry.id), entry.organisation);
  writer.u8(SHARE_STATES.indexOf(entry.state) + 1);
  if (entry.state === "shredded") return;
  if (entry.kind === "transfer") return void writeList(writer, entry.holds, (hold) => writeId(writer, hold));
  if (entry.live === null) throw new RangeError("a live grant has terms");
  writeId(writer, entry.live.transfer).fixed(entry.live.termsHash, HASH_BYTES).u32(entry.live.releases);
}

function readEntry(reader: BinaryReader): InventoryEntry {
  const place = readKind(reader.u8()) === "transfer" ? transferPlace(reader) : grantPlace(reader);
  const organisation = readId(reader, "organisation");
  const state = SHARE_STATES[reader.u8() - 1];
  if (state === undefined) throw new MalformedBinary("unknown state");
  if (place.kind === "transfer") {
    const holds = state === "shredded" ? [] : readList(reader, HOLD_LIMIT, () => readId(reader, "hold"));
    return { ...place, organisation, state, holds };
  }
  if (state === "shredded") return { ...place, organisation, state, live: null };
  const live = { transfer: readId(reader, "transfer"), termsHash: reader.fixed(HASH_BYTES), releases: reader.u32() };
  return { ...place, organisation, state, live };
}

function readKind(code: number): "transfer" | "grant" {
  if (code === KINDS.transfer) return "transfer";
  if (code === KINDS.grant) return "grant";
  throw new MalformedBinary("unknown kind");
}

/** The first {@link INVENTORY_PAGE_LIMIT} ids that come after `last`, in the order of their text. */
function idsAfter<Id extends string>(ids: Iterable<Id>, last: string | null): readonly Id[] {
  return [...ids]
    .filter((id) => last === null || id > last)
    .sort()
    .slice(0, INVENTORY_PAGE_LIMIT);
}
