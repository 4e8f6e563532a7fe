/** Routes about certificates, the audit log and the ledger. */
import { route } from "../route.ts";
import * as m from "./messages.ts";

export const auditRoutes = {
  certificate: route({
    method: "GET",
    path: "/transfers/{transfer}/certificate",
    auth: "member",
    summary: "Certificate of custody with proofs",
    answer: m.certificateAnswer,
  }),
  searchAudit: route({
    method: "POST",
    path: "/audit/searches",
    auth: "member",
    summary: "Events of the organisation and of the instance, newest first. Every search is an entry itself",
    request: m.auditSearchRequest,
    answer: m.auditSearchAnswer,
  }),
  exportAudit: route({
    method: "POST",
    path: "/audit/exports",
    auth: "member",
    summary: "What a search finds, as CSV or as JSON with proofs. Every export is an entry itself",
    request: m.auditExportRequest,
    streams: ["text/csv", "application/json"],
  }),
  openLinks: route({
    method: "POST",
    path: "/audit/open-links",
    auth: "member",
    summary: "Links whose time is not over, the next to end first. Every look is an entry itself",
    request: m.openLinksRequest,
    answer: m.openLinksAnswer,
  }),
  ledgerHealth: route({
    method: "GET",
    path: "/audit/ledger",
    auth: "member",
    summary: "How the audit ledger stands: entries, checkpoint, witnesses, the key service's own log",
    answer: m.ledgerHealthAnswer,
  }),
} as const;
