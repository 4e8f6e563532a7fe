/** Routes of a member's devices, each tied to its use case. */
import type { deviceRoutes } from "@safeconduct/contract";
import { extendMemberChain, requestDevice, showMemberChain } from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import { chainBody } from "../answers.ts";
import type { Handlers } from "../routing.ts";

export function deviceHandlers(instance: Instance): Pick<Handlers, keyof typeof deviceRoutes> {
  const { store, perform } = instance;
  const { sha256, signatures } = instance.crypto;
  return {
    memberChain: async ({ caller, now }) => chainBody(await showMemberChain({ store, now }, caller)),
    extendMemberChain: async ({ caller, body }) => {
      await extendMemberChain({ store, perform, signatures, sha256 }, caller, body);
      return undefined;
    },
    requestDevice: async ({ caller, body }) => {
      await requestDevice({ perform }, caller, body);
      return undefined;
    },
  };
}
