/** The list as the server has it now: the newest page kept fresh, older pages as they were asked for. */
import type { Problem } from "@safeconduct/foundation";
import { useState } from "react";
import { now } from "../platform.ts";
import { type Fresh, useFresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";
import type { Transfer } from "./custody.ts";
import { type Filter, keyOf, searchOf } from "./filter.ts";

/** A search that finds nothing goes on by itself for so many turns of the server's; then a person says whether it should. */
const TURNS = 5;

interface Page {
  readonly transfers: readonly Transfer[];
  readonly next: string | null;
  /** When the last transfer that was looked at was made; null at the end. */
  readonly lookedBackTo: number | null;
}

interface Asked {
  readonly key: string;
  readonly page: Page;
}

export interface TransferList {
  /** Null while the answer to this filter is not there yet. */
  readonly transfers: readonly Transfer[] | null;
  readonly next: string | null;
  readonly lookedBackTo: number | null;
  readonly newest: Fresh<Asked>;
  readonly showOlder: () => Promise<void>;
  /** A transfer as an act has just left it. */
  readonly replace: (changed: Transfer) => void;
}

export function useTransferList(filter: Filter, onProblem: (problem: Problem) => boolean): TransferList {
  const key = keyOf(filter);
  const [older, setOlder] = useState<Asked | null>(null);
  const [changed, setChanged] = useState<ReadonlyMap<string, { transfer: Transfer; since: Asked | null }>>(new Map());
  const newest = useFresh<Asked>(async (signal) => ({ key, page: await readPage(filter, null, signal) }), {
    onProblem,
    key,
  });
  const fresh = newest.value?.key === key ? newest.value : null;
  const behind = older?.key === key ? older.page : null;
  const last = behind ?? fresh?.page ?? null;
  // What an act answered counts until the list has been read again.
  const newer = (transfer: Transfer): Transfer => {
    const answer = changed.get(transfer.id);
    return answer !== undefined && answer.since === newest.value ? answer.transfer : transfer;
  };
  return {
    transfers: fresh && joined(fresh.page.transfers, behind?.transfers ?? []).map(newer),
    next: last?.next ?? null,
    lookedBackTo: last?.lookedBackTo ?? null,
    newest,
    async showOlder() {
      if (last === null || last.next === null) return;
      const page = await readPage(filter, last.next, null);
      setOlder((held) => ({
        key,
        page: held?.key === key ? { ...page, transfers: [...held.page.transfers, ...page.transfers] } : page,
      }));
    },
    replace(transfer) {
      setChanged((known) => new Map(known).set(transfer.id, { transfer, since: newest.value }));
      setOlder(
        (held) => held && { ...held, page: { ...held.page, transfers: held.page.transfers.map(swap(transfer)) } },
      );
      newest.readNow();
    },
  };
}

const swap =
  (changed: Transfer) =>
  (kept: Transfer): Transfer =>
    kept.id === changed.id ? changed : kept;

/** A transfer that slid from the fresh page onto an older one stands once, as last read. */
function joined(newest: readonly Transfer[], older: readonly Transfer[]): readonly Transfer[] {
  const known = new Set(newest.map((transfer) => transfer.id));
  return [...newest, ...older.filter((transfer) => !known.has(transfer.id))];
}

async function readPage(filter: Filter, after: string | null, signal: AbortSignal | null): Promise<Page> {
  const options = signal === null ? {} : { signal };
  const search = searchOf(filter, now());
  let page: Page = await server.call("searchTransfers", { body: { ...search, after }, ...options });
  for (let turn = 1; turn < TURNS && page.transfers.length === 0 && page.next !== null; turn++)
    page = await server.call("searchTransfers", { body: { ...search, after: page.next }, ...options });
  return page;
}
