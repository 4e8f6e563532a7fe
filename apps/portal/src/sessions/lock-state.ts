/** Whether this page is locked. It stands outside React, because every call to the server may learn that it is. */
import { useSyncExternalStore } from "react";

/** `unused`: this page found that nobody is there. `told`: the server or another page says so. */
export type LockState = "open" | "unused" | "told";

let state: LockState = "open";
const listeners = new Set<() => void>();

export const lockState = (): LockState => state;

/** The first word stays: what is locked is not locked again for another reason. */
export function lockPage(why: Exclude<LockState, "open">): void {
  if (state === "open") change(why);
}

export function unlockPage(): void {
  if (state !== "open") change("open");
}

function change(next: LockState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** Answers what ends it. */
export function onLockChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLockState = (): LockState => useSyncExternalStore(onLockChange, lockState);
