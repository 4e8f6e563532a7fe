/** Routes of the key service's clock, each tied to its use case. */
import type { clockRoutes } from "@safeconduct/contract";
import { confirmKeyClock } from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import type { Handlers } from "../routing.ts";

export function clockHandlers(instance: Instance): Pick<Handlers, keyof typeof clockRoutes> {
  const { perform, keys } = instance;
  const { sha256 } = instance.crypto;
  return {
    keyClock: async () => ({ ...(await keys.clock()) }),
    confirmKeyClock: async ({ caller, body }) => ({
      missing: await confirmKeyClock({ perform, keys, sha256 }, caller, body),
    }),
  };
}
