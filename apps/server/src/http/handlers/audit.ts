/** Routes of certificates, the audit log and the ledger, each tied to its use case. */
import type { auditRoutes } from "@safeconduct/contract";
import { certificateOf, exportEvents, ledgerHealth, openLinks, searchEvents } from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import { auditBody, ledgerBody, openLinksBody } from "../audit-answers.ts";
import type { Handlers } from "../routing.ts";
import { transferIn } from "./path-ids.ts";

export function auditHandlers(instance: Instance): Pick<Handlers, keyof typeof auditRoutes> {
  const { store, perform, ledger } = instance;
  const { sha256 } = instance.crypto;
  return {
    certificate: ({ caller, path, now }) => certificateOf({ store, ledger, sha256, now }, caller, transferIn(path)),
    searchAudit: async ({ caller, body: { after, ...asked } }) =>
      auditBody(await searchEvents({ store, perform, sha256 }, caller, { asked, after })),
    exportAudit: async ({ caller, body: { format, ...asked }, now }) => ({
      mediaType: format === "csv" ? "text/csv" : "application/json",
      pieces: await exportEvents({ store, perform, ledger, sha256, now }, caller, { asked, format }),
    }),
    openLinks: async ({ caller, body, now }) =>
      openLinksBody(await openLinks({ store, perform, now }, caller, body.skip)),
    ledgerHealth: async () => ledgerBody(await ledgerHealth({ store }), ledger),
  };
}
