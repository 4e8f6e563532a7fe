/** Something that takes time to make before a format can be drawn, and is given back when it goes. */
import { useEffect, useEffectEvent, useState } from "react";

type Outcome<Value> = { readonly value: Value } | { readonly error: unknown } | null;

/** Null until it is made. What `make` throws is thrown while drawing, for the boundary around every format. */
export function usePrepared<Value>(make: () => Promise<Value>, giveBack: (value: Value) => void): Value | null {
  const [outcome, setOutcome] = useState<Outcome<Value>>(null);
  const begin = useEffectEvent(make);
  const end = useEffectEvent(giveBack);
  useEffect(() => {
    let gone = false;
    const making = begin();
    making.then(
      (value) => {
        if (!gone) setOutcome({ value });
      },
      (error: unknown) => {
        if (!gone) setOutcome({ error });
      },
    );
    return () => {
      gone = true;
      making.then(end, () => undefined);
    };
  }, []);
  if (outcome !== null && "error" in outcome) throw outcome.error;
  return outcome?.value ?? null;
}
