/** How the ledger stands: what is in it, what waits, and the last word of the key service's own log. */
import { parseCheckpoint, parseNote } from "@safeconduct/ledger";
import { lastEntryAt } from "../ledger/last-entry.ts";
import type { EventPlace, Store } from "../store.ts";

const NEWEST: EventPlace = { at: Number.MAX_SAFE_INTEGER, number: 0 };
/** More than these are told as so many. */
const WAITING_LIMIT = 1000;

export interface LedgerHealth {
  /** Entries with a place in the ledger. */
  readonly entries: number;
  /** Committed and not in the tree yet; moments pass before they are. */
  readonly waiting: number;
  readonly lastEntryAt: number | null;
  /** Of the key service's own log: how long it was when it was last written down here, and when; null before the first time. */
  readonly keyLog: {
    readonly size: number;
    readonly anchoredAt: number | null;
    readonly alarmedAt: number | null;
  } | null;
}

export function ledgerHealth({ store }: { store: Store }): Promise<LedgerHealth> {
  return store.read(async (view) => {
    const { keyLogCheckpoint } = await view.instance();
    const anchored = await view.walkEvents(
      { along: "type", organisation: null, type: "keys/anchored" },
      { before: NEWEST, since: 0, limit: 2 },
    );
    const alarm = anchored.find(({ outcome }) => outcome !== "done");
    const note = keyLogCheckpoint === null ? null : parseNote(keyLogCheckpoint);
    return {
      entries: await view.sequencedCount(),
      waiting: (await view.waitingEvents(WAITING_LIMIT)).length,
      lastEntryAt: await lastEntryAt(view),
      keyLog:
        note === null
          ? null
          : {
              size: parseCheckpoint(note.text)?.size ?? 0,
              anchoredAt: anchored.find(({ outcome }) => outcome === "done")?.at ?? null,
              alarmedAt: alarm?.at ?? null,
            },
    };
  });
}
