/** How many transfers need attention, for the navigation and for the filter that shows them. */
import type { Problem } from "@safeconduct/foundation";
import { useEffect, useRef } from "react";
import { useFresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";

const EVERY_MS = 30_000;
const CHANGED = "portal-attention-changed";

/** Whoever shows the number asks again: something was just done about it. */
export function attentionChanged(): void {
  dispatchEvent(new Event(CHANGED));
}

/** Null while it is not known. */
export function useAttention(onProblem: (problem: Problem) => boolean): number | null {
  const { value, readNow } = useFresh((signal) => server.call("attention", { signal }), {
    onProblem,
    everyMs: EVERY_MS,
  });
  const newest = useRef(readNow);
  useEffect(() => {
    newest.current = readNow;
  });
  useEffect(() => {
    const read = (): void => newest.current();
    addEventListener(CHANGED, read);
    return () => removeEventListener(CHANGED, read);
  }, []);
  return value?.transfers ?? null;
}
