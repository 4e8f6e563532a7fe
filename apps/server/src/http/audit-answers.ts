/** Events, open links and the state of the ledger, as the API shows them. */
import {
  type auditSearchAnswer,
  bytesText,
  type ledgerHealthAnswer,
  type openLinksAnswer,
} from "@safeconduct/contract";
import type { AuditFindings, FoundEvent, LedgerHealth, openLinks } from "@safeconduct/exchange";
import type { z } from "zod";
import type { Instance } from "../instance.ts";

export function auditBody({ found, next, looked, unproven }: AuditFindings): z.input<typeof auditSearchAnswer> {
  return {
    entries: found.map(entryBody),
    next: next === null ? null : `${next.at}.${next.number}`,
    looked,
    unproven,
  };
}

function entryBody({ event, memberName, recipient }: FoundEvent): z.input<typeof auditSearchAnswer>["entries"][number] {
  const { index, id, type, at, outcome, transfer, grant, body, salt } = event;
  return {
    index,
    id,
    type,
    at,
    outcome,
    memberName,
    transfer,
    grant,
    recipient,
    event: body,
    salt: salt && bytesText(salt),
  };
}

export function openLinksBody({
  grants,
  next,
}: Awaited<ReturnType<typeof openLinks>>): z.input<typeof openLinksAnswer> {
  return {
    links: grants.map(({ transfer, id, address, name, notBefore, endsAt, releases, releaseCap, suspendedAt }) => ({
      transfer,
      grant: id,
      address,
      name,
      notBefore,
      endsAt,
      releases,
      releaseCap,
      suspendedAt,
    })),
    next,
  };
}

export function ledgerBody(
  health: LedgerHealth,
  { size, rounds }: Pick<Instance["ledger"], "size" | "rounds">,
): z.input<typeof ledgerHealthAnswer> {
  return {
    ...health,
    checkpointSize: size,
    witnessedSize: rounds.witnessed?.size ?? null,
    witnesses: rounds.witnesses.map((witness) => ({ ...witness })),
  };
}
