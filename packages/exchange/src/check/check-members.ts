/**
 * Every member's chain of devices and every organisation's recovery key: signed as they should be, each statement with its entry
 * in the ledger, and the devices in the database those that the chain names. Clients check chains again and trust no server;
 * here a damaged or exchanged one is found before somebody needs it.
 */
import {
  type MemberChain,
  newestMemberKey,
  type StatementBody,
  statementHash,
  verifyMemberChain,
  verifyRecoveryKey,
} from "@safeconduct/envelope";
import { equalBytes, type MemberId, type OrganisationId, type Sha256, type Signatures } from "@safeconduct/foundation";
import type { EventType } from "@safeconduct/ledger";
import type { DeviceRecord, MemberKeyWrapRecord, MemberRecord } from "../records.ts";
import type { Store } from "../store.ts";
import type { Findings } from "./findings.ts";
import type { LedgerFacts } from "./ledger-facts.ts";

const PAGE_LIMIT = 100;

export interface MemberCheck {
  readonly store: Store;
  readonly sha256: Sha256;
  readonly signatures: Signatures;
  readonly ledger: LedgerFacts;
  readonly findings: Findings;
}

/** Answers the organisations that it came by. */
export async function checkMembers(check: MemberCheck): Promise<readonly OrganisationId[]> {
  const organisations = new Set<OrganisationId>();
  let after: MemberId | null = null;
  for (;;) {
    const last: MemberId | null = after;
    const page: readonly MemberRecord[] = await check.store.read((view) => view.membersAfter(last, PAGE_LIMIT));
    for (const member of page) {
      organisations.add(member.organisation);
      await checkChain(check, member);
    }
    after = page.at(-1)?.id ?? null;
    if (after === null) break;
  }
  for (const organisation of organisations) await checkRecoveryKey(check, organisation);
  return [...organisations];
}

const ENTRIES: Readonly<Record<StatementBody["kind"], EventType>> = {
  "holder-added": "device/enrolled",
  "holder-removed": "device/removed",
  "member-key-set": "member/key-set",
};

async function checkChain(check: MemberCheck, { id, organisation }: MemberRecord): Promise<void> {
  const { findings, sha256, ledger } = check;
  const about = { member: id };
  const { statements, devices, wraps } = await check.store.read(async (view) => ({
    statements: await view.statementsOf(id),
    devices: await view.devicesOf(id),
    wraps: await view.memberKeyWrapsOf(id),
  }));
  const isIn = devices.some(({ removedAt }) => removedAt === null);
  // A member who has not enrolled a device yet.
  if (statements.length === 0 && !isIn) return;
  const chain = await verifyMemberChain(check, { organisation, member: id }, statements);
  if (chain === null) return findings.add("device/chain-broken", about);
  const hasEntries = statements.every(({ statement }, position) => {
    const kind = chain.statements[position]?.body.kind;
    return kind !== undefined && ledger.has(ENTRIES[kind], statementHash(sha256, statement));
  });
  if (!hasEntries) findings.add("device/without-entry", about);
  if (!isSame(chain, devices)) findings.add("device/differs", about);
  if (!opensForAll(chain, wraps)) findings.add("device/key-missing", about);
}

/** Devices of before a chain that was begun anew are removed, and no part of it. */
function isSame({ holders }: MemberChain, devices: readonly DeviceRecord[]): boolean {
  const named = [...holders.values()].every((holder) => {
    const device = devices.find(({ id }) => id === holder.id);
    return (
      device !== undefined &&
      device.kind === holder.kind &&
      equalBytes(device.signingPublicKey, holder.signingPublicKey) &&
      equalBytes(device.hpkePublicKey, holder.hpkePublicKey) &&
      (device.removedAt === null) === (holder.removedAt === null)
    );
  });
  return named && devices.every(({ id, removedAt }) => removedAt !== null || holders.has(id));
}

function opensForAll(chain: MemberChain, wraps: readonly MemberKeyWrapRecord[]): boolean {
  const { generation } = newestMemberKey(chain);
  const holders = [...chain.holders.values()].filter(({ removedAt }) => removedAt === null);
  return holders.every(({ id }) => wraps.some((wrap) => wrap.holder === id && wrap.generation === generation));
}

async function checkRecoveryKey(
  { store, signatures, sha256, ledger, findings }: MemberCheck,
  organisation: OrganisationId,
): Promise<void> {
  const { key, signer } = await store.read(async (view) => {
    const found = await view.recoveryKeyOf(organisation);
    return { key: found, signer: found && (await view.findDevice(found.device)) };
  });
  if (key === null) return;
  const { statement, signature, generation } = key;
  const signingPublicKey = signer?.signingPublicKey;
  const said =
    signingPublicKey && (await verifyRecoveryKey({ signatures }, { statement, signature, signingPublicKey }));
  const isTrue =
    said &&
    said.organisation === organisation &&
    said.generation === generation &&
    said.device === signer?.id &&
    said.member === signer.member;
  if (!isTrue) findings.add("recovery/key-broken");
  else if (!ledger.has("organisation/recovery-key-set", statementHash(sha256, statement)))
    findings.add("recovery/key-without-entry");
}
