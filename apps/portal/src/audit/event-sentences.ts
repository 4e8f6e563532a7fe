/** What a catalogue of event sentences holds: one for each type of entry. */
import type { EventType } from "@safeconduct/ledger";

export type EventSentences = Readonly<Record<EventType, (who: string) => string>>;
