/** What this browser remembers of the log, as one text in its storage. Anything else than our own spelling is nothing. */
import { keepLog, keptLog } from "../platform.ts";
import type { KeptLog, LogMemory } from "./log-trust.ts";

export const browserMemory: LogMemory = {
  read: () => keptLogIn(keptLog()),
  write: ({ verifierKey, checkpoint, since }) => keepLog(JSON.stringify({ verifierKey, checkpoint, since })),
};

/** Remembers another key from the next look on: what was seen under the old one says nothing about the new log. */
export function forgetLog(): void {
  keepLog(null);
}

export function keptLogIn(text: string | null): KeptLog | null {
  if (text === null) return null;
  try {
    const { verifierKey, checkpoint, since } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const isWhole = typeof verifierKey === "string" && typeof checkpoint === "string" && Number.isSafeInteger(since);
    return isWhole ? { verifierKey, checkpoint, since: since as number } : null;
  } catch {
    return null;
  }
}
