/** Routes of what the instance says of itself, each tied to its use case. */
import { bytesText, type instanceRoutes } from "@safeconduct/contract";
import type { Instance } from "../../instance.ts";
import { requestProblem } from "../errors.ts";
import type { Handlers } from "../routing.ts";

export function instanceHandlers(instance: Instance): Pick<Handlers, keyof typeof instanceRoutes> {
  const { store, keys, mailbox, ledger } = instance;
  return {
    instance: async () => {
      const [organisation, record, pinned] = await Promise.all([
        store.read((view) => view.firstOrganisation()),
        store.read((view) => view.instance()),
        keys.publicKeys(),
      ]);
      return {
        evaluation: mailbox !== null,
        setUp: organisation !== null && record.setupTokenHash === null,
        organisation: organisation && { id: organisation.id, name: organisation.name },
        keyService: {
          signingPublicKey: bytesText(pinned.signingPublicKey),
          intake: {
            ...pinned.intake,
            publicKey: bytesText(pinned.intake.publicKey),
            signature: bytesText(pinned.intake.signature),
          },
        },
        ledger: {
          origin: ledger.origin,
          verifierKey: ledger.verifierKey,
          checkpointUrl: `${instance.origin()}/ledger/checkpoint`,
        },
        mailboxUrl: mailbox === null ? null : `${instance.origin()}/mailbox`,
      };
    },
    mailbox: async ({ query }) => {
      if (mailbox === null) throw requestProblem("request/unknown-path");
      return { messages: mailbox.messages(query["to"]).map((message) => ({ ...message })) };
    },
  };
}
