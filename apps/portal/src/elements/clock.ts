/** The reader's clock for words such as "in 19 hours"; steps seldom, so that pages do not flicker. */
import { useEffect, useState } from "react";
import { every, now as clockNow } from "../platform.ts";

/** Milliseconds since the Unix epoch, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(clockNow);
  useEffect(() => every(everyMs, () => setNow(clockNow())), [everyMs]);
  return now;
}
