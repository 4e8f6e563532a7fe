/**
 * The browser's own way back closes the viewer. On a telephone it is the first thing that people try, and leaving the page would
 * cost them the visit: the link's secret is in its memory alone.
 */
import { useEffect, useEffectEvent } from "react";

const MARK = { viewer: true } as const;

/** One entry of the history for the whole visit: taking it back on closing would race with the next opening. */
export function useBackButton(onBack: () => void): void {
  const back = useEffectEvent(onBack);
  useEffect(() => {
    if ((history.state as Partial<typeof MARK> | null)?.viewer !== true) history.pushState(MARK, "");
    const pop = (): void => back();
    addEventListener("popstate", pop);
    return () => removeEventListener("popstate", pop);
  }, []);
}
