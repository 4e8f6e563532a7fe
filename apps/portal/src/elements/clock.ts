/** The reader's clock for words such as "in 19 hours"; steps seldom, so that pages do not flicker. */
import { useEffect, useState } from "react";

/** Milliseconds since the Unix epoch, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
