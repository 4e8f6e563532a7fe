/**
 * A search through what an organisation has sent: by how it stands, by who sent it, by when, and by whom it was for. What a
 * transfer is judged by stands here, once, for every database. A turn looks at a bounded number of transfers and says how far
 * it came, so that a search through years never holds up anybody else's work; the reader goes on from there.
 */
import type { MemberRoute } from "@safeconduct/contract";
import type { MemberId, OrganisationId, TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { RecipientOutline, TransferOutline } from "../records.ts";
import type { Store, View } from "../store.ts";
import { presentReaches } from "./permitted-transfer.ts";
import { summary, type TransferSummary } from "./show-transfers.ts";

/** How a transfer stands, as its sender thinks of it. */
export type TransferGroup = "all" | "open" | "waiting" | "attention" | "drafts" | "ended";

export interface TransferSearch {
  readonly group: TransferGroup;
  readonly sender: "all" | "own";
  /** Made at or after this moment; null: since ever. */
  readonly from: number | null;
  /** Made before this moment; null: until now. */
  readonly to: number | null;
  /** Words that one recipient has in address, name and organisation; attacker-controlled, and compared, never interpreted. */
  readonly text: string | null;
  readonly after: TransferId | null;
}

export interface SearchTurn {
  readonly transfers: readonly TransferSummary[];
  /** The last transfer that was looked at, where there are more; null at the end. */
  readonly next: TransferId | null;
  /** When that one was made. */
  readonly lookedBackTo: number | null;
}

/** Read from the database at a time. */
const BATCH = 200;
/** Looked at in one turn. */
export const LOOKED_AT_MAX = 2000;
/** Recipients of those: with fifty each, a turn ends sooner. */
export const RECIPIENTS_LOOKED_AT_MAX = 10_000;
/** Beyond it a page says "more than". */
export const ATTENTION_MAX = 100;

/** Those within the caller's reach, newest first. An unknown or foreign `after` has nothing behind it. */
export function searchTransfers(
  { store }: { store: Store },
  caller: MemberCaller,
  search: TransferSearch,
  limit: number,
): Promise<SearchTurn> {
  return store.read(async (view) => {
    const whose = await reachable(view, caller, { route: "searchTransfers", sender: search.sender });
    if (whose === null) return { transfers: [], next: null, lookedBackTo: null };
    const { found, last } = await look(view, { organisation: caller.organisation, whose }, { search, limit });
    const transfers = await Promise.all(
      found.map(async (id) => {
        const transfer = await view.findTransfer(id);
        if (transfer === null) throw new Error("a transfer that was just read is not there");
        return summary(view, transfer);
      }),
    );
    return { transfers, next: last?.id ?? null, lookedBackTo: last?.createdAt ?? null };
  });
}

/** How many transfers within the caller's reach need attention, {@link ATTENTION_MAX} at the most. */
export function attentionCount({ store }: { store: Store }, caller: MemberCaller): Promise<number> {
  return store.read(async (view) => {
    const whose = await reachable(view, caller, { route: "attention", sender: "all" });
    return whose === null ? 0 : view.troubledCount(caller.organisation, { limit: ATTENTION_MAX, ...whose });
  });
}

/** Whose transfers the caller may look through; null: nobody's. */
async function reachable(
  view: View,
  caller: MemberCaller,
  { route, sender }: { route: MemberRoute; sender: TransferSearch["sender"] },
): Promise<{ member?: MemberId } | null> {
  const reaches = await presentReaches(view, caller, route);
  if (reaches.has("organisation") && sender === "all") return {};
  return reaches.has("organisation") || reaches.has("own") ? { member: caller.member } : null;
}

/** `last`: where to go on; null when there is nothing behind. */
async function look(
  view: View,
  { organisation, whose }: { organisation: OrganisationId; whose: { member?: MemberId } },
  { search, limit }: { search: TransferSearch; limit: number },
): Promise<{ found: readonly TransferId[]; last: TransferOutline | null }> {
  const found: TransferId[] = [];
  let last: TransferOutline | null = null;
  for (let lookedAt = 0, recipients = 0; lookedAt < LOOKED_AT_MAX && recipients < RECIPIENTS_LOOKED_AT_MAX; ) {
    const batch: readonly TransferOutline[] = await view.transferOutlines(organisation, {
      ...whose,
      limit: BATCH,
      after: last?.id ?? search.after,
      before: search.to,
      troubled: search.group === "attention",
    });
    const likely = batch.filter((transfer) => isLikely(transfer, search));
    const outlines = looksAtRecipients(search) ? await view.recipientOutlines(likely.map(({ id }) => id)) : [];
    const wanted = new Set(likely.filter(meets(search, outlines)).map(({ id }) => id));
    for (const transfer of batch) {
      if (search.from !== null && transfer.createdAt < search.from) return { found, last: null };
      if (wanted.has(transfer.id)) {
        // One more than fits: the next turn begins with it.
        if (found.length === limit) return { found, last };
        found.push(transfer.id);
      }
      last = transfer;
    }
    if (batch.length < BATCH) return { found, last: null };
    lookedAt += batch.length;
    recipients += outlines.length;
  }
  return { found, last };
}

/** What can be told without looking at recipients. */
function isLikely({ state }: TransferOutline, { group }: TransferSearch): boolean {
  switch (group) {
    case "all":
    case "attention":
      return true;
    case "open":
    case "waiting":
      return state === "active";
    case "drafts":
      return state === "draft";
    case "ended":
      return state !== "active" && state !== "draft";
  }
}

const looksAtRecipients = ({ group, text }: TransferSearch): boolean => group === "waiting" || text !== null;

function meets(search: TransferSearch, outlines: readonly RecipientOutline[]): (transfer: TransferOutline) => boolean {
  if (!looksAtRecipients(search)) return () => true;
  const recipients = Map.groupBy(outlines, ({ transfer }) => transfer);
  const words = search.text === null ? [] : folded(search.text).split(/\s+/u).filter(Boolean);
  return ({ id }) => {
    const those = recipients.get(id) ?? [];
    if (search.group === "waiting" && !those.some(({ state }) => WAITING.has(state))) return false;
    return words.length === 0 || words.join() === id || those.some((recipient) => hasWords(recipient, words));
  };
}

/** Nothing was released to them yet. */
const WAITING: ReadonlySet<RecipientOutline["state"]> = new Set(["pending", "confirmed"]);

function hasWords({ address, name, recipientOrganisation }: RecipientOutline, words: readonly string[]): boolean {
  const said = folded(`${address} ${name ?? ""} ${recipientOrganisation ?? ""}`);
  return words.every((word) => said.includes(word));
}

/** Whoever types "jose" finds José: compatibility forms taken apart, marks dropped, small letters (Unicode TR 15). */
const folded = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
