/** What this instance is: asked once for each page load. */
import type { Client } from "@safeconduct/contract";
import { createContext, useContext, useEffect, useState } from "react";

export type Instance = Awaited<ReturnType<typeof readInstance>>;

const readInstance = (client: Client<"instance">) => client.call("instance");

/** Null until it is known, and when it cannot be read: pages work without it and say less. */
export const InstanceContext = createContext<Instance | null>(null);

export const useInstance = (): Instance | null => useContext(InstanceContext);

/** Reads it for the root of an entry, which hands it on through {@link InstanceContext}. */
export function useReadInstance(client: Client<"instance">): { instance: Instance | null; reread: () => void } {
  const [instance, setInstance] = useState<Instance | null>(null);
  const [reading, setReading] = useState(0);
  useEffect(() => {
    let stopped = false;
    readInstance(client).then(
      (answer) => {
        if (!stopped) setInstance(answer);
      },
      // The page's own calls meet the same failure and say so where the reader looks.
      () => undefined,
    );
    return () => {
      stopped = true;
    };
  }, [client, reading]);
  return { instance, reread: () => setReading((count) => count + 1) };
}
