/**
 * The browser asks before a form that was filled in is thrown away: the draft lives in this tab's memory alone, so that files and
 * names of recipients lie in no storage. Other pages of the portal keep it; a reload, another site and a closed tab do not.
 */
import { isFilledIn } from "./draft.ts";
import { draftKeeper } from "./draft-slot.ts";
import { uploadSlot } from "./upload-slot.ts";

let isWatching = false;

/** From now on. Listens only while there is something to lose: a page that listens is left more slowly. */
export function warnOfLostDraft(): void {
  watch();
  draftKeeper.subscribe(watch);
}

function watch(): void {
  const isWanted = isFilledIn(draftKeeper.snapshot().draft);
  if (isWanted === isWatching) return;
  isWatching = isWanted;
  if (isWanted) addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
}

function warn(event: BeforeUnloadEvent): void {
  // A running upload asks for itself; what was sent is no draft any more, also before its page has been seen.
  const { name } = uploadSlot.snapshot();
  if (name !== "running" && name !== "sent") event.preventDefault();
}
