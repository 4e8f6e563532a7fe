/** Routes of recovery by two people, each tied to its use case. */
import type { recoveryRoutes } from "@safeconduct/contract";
import {
  approveRecovery,
  listRecoveries,
  releaseRecovery,
  requestRecovery,
  setRecoveryKey,
  showRecoveryKey,
} from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import { memberReleaseBody, recoveryBody, recoveryKeyBody } from "../answers.ts";
import type { Handlers } from "../routing.ts";
import { recoveryIn, transferIn } from "./path-ids.ts";

export function recoveryHandlers(instance: Instance): Pick<Handlers, keyof typeof recoveryRoutes> {
  const { store, perform, keys, urls } = instance;
  const { random, sha256, signatures } = instance.crypto;
  return {
    recoveryKey: async ({ caller }) => ({ key: recoveryKeyBody(await showRecoveryKey({ store }, caller)) }),
    setRecoveryKey: async ({ caller, body }) => {
      await setRecoveryKey({ store, perform, signatures, sha256 }, caller, body);
      return undefined;
    },
    listRecoveries: async ({ caller, now }) => ({
      recoveries: (await listRecoveries({ store, now }, caller)).map(recoveryBody),
    }),
    requestRecovery: async ({ caller, path, body }) => {
      const asked = { transfer: transferIn(path), ...body };
      await requestRecovery({ store, perform, signatures, sha256 }, caller, asked);
      return undefined;
    },
    approveRecovery: async ({ caller, path, body }) => {
      const approval = { recovery: recoveryIn(path), ...body };
      await approveRecovery({ store, perform, signatures, sha256 }, caller, approval);
      return undefined;
    },
    releaseRecovery: async ({ caller, path, body }) => {
      const asked = { recovery: recoveryIn(path), ...body };
      const released = await releaseRecovery({ store, perform, keys, random, sha256, signatures }, caller, asked);
      return { ...memberReleaseBody(released), blob: urls.read(released.transfer.id) };
    },
  };
}
