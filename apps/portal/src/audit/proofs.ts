/** The verdicts over the entries of a page, one after another, as soon as the log is judged. */
import { useEffect, useState } from "react";
import { type ClaimedEntry, type EntryVerdict, proveEntry } from "./entry-proof.ts";
import type { LogVerdict } from "./log-trust.ts";
import { cryptoPorts } from "./own-log.ts";

export type Verdicts = ReadonlyMap<number, EntryVerdict>;

export function useProofs(entries: readonly ClaimedEntry[], log: LogVerdict | null): Verdicts {
  const [verdicts, setVerdicts] = useState<Verdicts>(new Map());
  useEffect(() => {
    let stopped = false;
    async function prove(): Promise<void> {
      if (log === null) return;
      if (!log.believed) {
        setVerdicts(new Map(entries.map(({ index }) => [index, "unsettled"])));
        return;
      }
      const { sha256 } = await cryptoPorts();
      const found = new Map<number, EntryVerdict>();
      for (const entry of entries) {
        if (stopped) return;
        found.set(entry.index, await proveEntry(sha256, log, entry));
      }
      if (!stopped) setVerdicts(found);
    }
    prove().catch((thrown: unknown) => reportError(thrown));
    return () => {
      stopped = true;
    };
  }, [entries, log]);
  return verdicts;
}
