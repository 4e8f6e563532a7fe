/** Routes of a recipient, from the invitation to the receipt, each tied to its use case. */
import { bytesText, type receivingRoutes } from "@safeconduct/contract";
import {
  acceptConditions,
  attestDeletion,
  blobTarget,
  confirmAddress,
  confirmDeletion,
  recordReceipt,
  release,
  reportProblem,
  sendCode,
  sendDeletionCode,
  showInvitation,
} from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import { releaseBody } from "../answers.ts";
import type { Handlers } from "../routing.ts";
import { linkedGrant } from "./path-ids.ts";

export function receivingHandlers(instance: Instance): Pick<Handlers, keyof typeof receivingRoutes> {
  const { store, perform, keys, urls, outbox, mailbox, codeKey } = instance;
  const { random, sha256 } = instance.crypto;
  return {
    invitation: async ({ path, now }) => {
      const { grant, transfer, organisationName, senderName, hint } = await showInvitation(
        { store, now },
        linkedGrant(path),
      );
      return {
        organisation: organisationName,
        sender: senderName,
        purpose: transfer.purpose,
        profile: transfer.profile,
        notBefore: grant.notBefore,
        notAfter: grant.endsAt,
        addressHint: hint,
        language: grant.language,
        evaluation: mailbox !== null,
      };
    },
    sendCode: async ({ path }) => {
      const { hint, ...times } = await sendCode({ perform, outbox, random, sha256, codeKey }, linkedGrant(path));
      return { addressHint: hint, ...times };
    },
    confirm: async ({ path, body }) => {
      const deps = { perform, random, sha256, codeKey };
      const { terms, ...session } = await confirmAddress(deps, { grant: linkedGrant(path), code: body.code });
      return { ...session, terms: bytesText(terms) };
    },
    acceptConditions: async ({ caller, body }) => {
      await acceptConditions({ perform }, caller, body);
      return undefined;
    },
    attestDeletion: async ({ caller }) => {
      await attestDeletion({ perform }, caller);
      return undefined;
    },
    sendDeletionCode: ({ path, body }) =>
      sendDeletionCode({ perform, outbox, random, sha256, codeKey }, { grant: linkedGrant(path), ...body }),
    confirmDeletion: async ({ path, body }) => {
      await confirmDeletion({ perform, sha256, codeKey }, { grant: linkedGrant(path), ...body });
      return undefined;
    },
    reportProblem: async ({ caller, body }) => {
      await reportProblem({ perform, outbox, random }, caller, body);
      return undefined;
    },
    release: async ({ caller, body }) => {
      const released = await release({ perform, keys, random, sha256 }, caller, body.ephemeralPublicKey);
      return { ...releaseBody(released), blob: urls.read(released.transfer.id) };
    },
    blobTarget: ({ caller, now }) => blobTarget({ store, urls, now }, caller),
    receipt: async ({ caller, body }) => {
      await recordReceipt({ perform }, caller, { files: body.files, unseen: body.unseen });
      return undefined;
    },
  };
}
