/** Requests to bring transfers back: signed by the device that they name, and entries of their transfer. */
import { recoveryContent, verifyMemberRequest } from "@safeconduct/envelope";
import type { OrganisationId } from "@safeconduct/foundation";
import type { EventRecord, RecoveryRecord } from "../records.ts";
import type { MemberCheck } from "./check-members.ts";
import { detailOf } from "./event-detail.ts";

export async function checkRecoveries(check: MemberCheck, organisation: OrganisationId): Promise<void> {
  const { store, findings } = check;
  const asked = await store.read(async (view) => {
    const found = [];
    for (const recovery of await view.recoveriesOf(organisation)) {
      const device = await view.findDevice(recovery.device);
      found.push({ recovery, device, events: await view.eventsOf(recovery.transfer) });
    }
    return found;
  });
  // Entries that wait have no place in this list yet; a repair gives them one.
  if (findings.has("ledger/waiting")) return;
  for (const { recovery, device, events } of asked) {
    const { transfer, member } = recovery;
    const isSigned = device !== null && device.member === member && (await isSignedBy(check, recovery, device));
    if (!isSigned || !hasEntries(recovery, events)) findings.add("recovery/request-broken", { transfer });
  }
}

function isSignedBy(
  { sha256, signatures }: MemberCheck,
  { id, organisation, transfer, device, signature }: RecoveryRecord,
  { signingPublicKey }: { signingPublicKey: RecoveryRecord["signature"] },
): Promise<boolean> {
  const content = recoveryContent(sha256, { recovery: id, asker: device });
  const request = { request: "recover", organisation, transfer, device, grant: null, content } as const;
  return verifyMemberRequest({ signatures }, { request, signature, signingPublicKey });
}

function hasEntries({ id, approvedAt }: RecoveryRecord, events: readonly EventRecord[]): boolean {
  const types = approvedAt === null ? ["recovery/requested"] : ["recovery/requested", "recovery/approved"];
  // Of an erased event nobody can say any more which request it told of.
  return types.every((type) =>
    events.some((event) => event.type === type && (event.body === null || detailOf(event)?.["recovery"] === id)),
  );
}
