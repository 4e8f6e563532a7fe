/** Routes of sending, and what became of it, each tied to its use case. */
import type { transferRoutes } from "@safeconduct/contract";
import {
  abandonTransfer,
  addRecipient,
  attentionCount,
  clearStray,
  draftTransfer,
  eraseTransfer,
  heldParts,
  liftHold,
  listTransfers,
  type MemberCaller,
  partTargets,
  placeHold,
  releaseToMember,
  resumeGrant,
  revokeGrant,
  revokeTransfer,
  sealTransfer,
  searchTransfers,
  settleProblem,
  showTransfer,
  suspendGrant,
} from "@safeconduct/exchange";
import { parseId, type TransferId } from "@safeconduct/foundation";
import type { Instance } from "../../instance.ts";
import { memberReleaseBody, partBody, transferBody } from "../answers.ts";
import type { Handlers } from "../routing.ts";
import { grantIn, transferIn } from "./path-ids.ts";

const PAGE_LIMIT = 50;

export function transferHandlers(instance: Instance): Pick<Handlers, keyof typeof transferRoutes> {
  const { store, perform, keys, blobs, urls, destroyNow, factorSecrets, quotaBytes } = instance;
  const { random, sha256, signatures } = instance.crypto;
  const transferNow = async (caller: MemberCaller, id: TransferId) =>
    transferBody(await showTransfer({ store }, caller, id));
  /** What was ended is destroyed before the answer wherever that is possible now; otherwise the sweep goes on trying. */
  const afterEnd = async (caller: MemberCaller, id: TransferId) => {
    await destroyNow(id);
    return transferNow(caller, id);
  };
  return {
    listTransfers: async ({ caller, query }) => {
      const after = query["after"] === undefined ? null : parseId("transfer", query["after"]);
      const { transfers, next } = await listTransfers({ store }, caller, { limit: PAGE_LIMIT, after });
      return { transfers: transfers.map(transferBody), next };
    },
    searchTransfers: async ({ caller, body }) => {
      const { transfers, ...rest } = await searchTransfers({ store }, caller, body, PAGE_LIMIT);
      return { transfers: transfers.map(transferBody), ...rest };
    },
    attention: async ({ caller }) => ({ transfers: await attentionCount({ store }, caller) }),
    draftTransfer: async ({ caller, body, now }) => {
      const transfer = await draftTransfer({ store, perform, keys, random, sha256, now, quotaBytes }, caller, body);
      return transferNow(caller, transfer.id);
    },
    transfer: ({ caller, path }) => transferNow(caller, transferIn(path)),
    heldParts: async ({ caller, path }) => ({
      parts: (await heldParts({ store }, caller, transferIn(path))).map(partBody),
    }),
    partTargets: async ({ caller, path, body }) => {
      const targets = await partTargets({ store, urls }, caller, { transfer: transferIn(path), parts: body.parts });
      return {
        targets: targets.map((target) => ({ ...target, method: "PUT" as const, headers: { ...target.headers } })),
      };
    },
    sealTransfer: async ({ caller, path, body, now }) => {
      const transfer = await sealTransfer({ store, perform, keys, signatures, sha256, factorSecrets, now }, caller, {
        transfer: transferIn(path),
        ...body,
      });
      // Space, not safety: what is left over now goes with the transfer at the latest.
      await clearStray({ store, blobs }, transfer.id).catch(() => undefined);
      return transferNow(caller, transfer.id);
    },
    abandonTransfer: async ({ caller, path }) => {
      const id = transferIn(path);
      await abandonTransfer({ perform }, caller, id);
      return afterEnd(caller, id);
    },
    revokeTransfer: async ({ caller, path }) => {
      const id = transferIn(path);
      await revokeTransfer({ perform, keys }, caller, id);
      return afterEnd(caller, id);
    },
    revokeGrant: async ({ caller, path }) => {
      const ids = grantIn(path);
      await revokeGrant({ perform, keys }, caller, ids);
      return afterEnd(caller, ids.transfer);
    },
    suspendGrant: async ({ caller, path }) => {
      const ids = grantIn(path);
      await suspendGrant({ perform, keys }, caller, ids);
      return transferNow(caller, ids.transfer);
    },
    resumeGrant: async ({ caller, path }) => {
      const ids = grantIn(path);
      await resumeGrant({ perform, keys }, caller, ids);
      return transferNow(caller, ids.transfer);
    },
    settleProblem: async ({ caller, path, body }) => {
      const ids = grantIn(path);
      await settleProblem({ perform }, caller, { ...ids, ...body });
      return transferNow(caller, ids.transfer);
    },
    placeHold: async ({ caller, path, body }) => {
      const transfer = transferIn(path);
      await placeHold({ perform, keys, random }, caller, { transfer, reason: body.reason });
      return transferNow(caller, transfer);
    },
    liftHold: async ({ caller, path, body }) => {
      const transfer = transferIn(path);
      await liftHold({ perform, keys }, caller, { transfer, reason: body.reason });
      return afterEnd(caller, transfer);
    },
    eraseTransfer: async ({ caller, path }) => {
      const id = transferIn(path);
      await eraseTransfer({ store, perform }, caller, id);
      return transferNow(caller, id);
    },
    releaseToMember: async ({ caller, path, body }) => {
      const asked = { transfer: transferIn(path), ...body };
      const released = await releaseToMember({ store, perform, keys, random, sha256, signatures }, caller, asked);
      return { ...memberReleaseBody(released), blob: urls.read(released.transfer.id) };
    },
    addRecipient: async ({ caller, path, body, now }) => {
      const transfer = transferIn(path);
      await addRecipient({ store, perform, keys, signatures, sha256, factorSecrets, now }, caller, {
        transfer,
        ...body,
      });
      return body.replaces === null ? transferNow(caller, transfer) : afterEnd(caller, transfer);
    },
  };
}
