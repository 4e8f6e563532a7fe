/**
 * A member's devices change: the first is enrolled, one lets in another, one is removed, a recovery key or passkey is made. Each is one
 * or more signed statements at the end of the member's chain, with the member key sealed to everybody who stays, in one step.
 * The rules are envelope's, and every client checks them again: this only keeps honest clients from shutting themselves out.
 */
import { LIMITS } from "@safeconduct/contract";
import {
  activeHolders,
  type MemberChain,
  type MemberStatement,
  newestMemberKey,
  type SignedStatement,
  statementHash,
  verifyMemberChain,
} from "@safeconduct/envelope";
import { type Bytes, type DeviceId, equalBytes, type Sha256, type Signatures } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { Store, Transaction, View } from "../store.ts";
import { deviceProblem } from "./errors.ts";

export interface ChainExtension {
  /** Position of the first of `statements`. */
  readonly from: number;
  readonly statements: readonly SignedStatement[];
  /** Member keys sealed to holders. */
  readonly wraps: readonly { readonly generation: number; readonly holder: DeviceId; readonly sealed: Bytes }[];
  /** Of the passkeys and recovery keys that come. */
  readonly sealedKeys: readonly { readonly holder: DeviceId; readonly sealed: Bytes }[];
  /** Of the devices that are let in. */
  readonly approvals: readonly { readonly device: DeviceId; readonly proof: Bytes }[];
  /** All devices before are gone, nothing is taken over: for a member who has lost every one of them and the recovery key. */
  readonly startOver: boolean;
}

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly signatures: Signatures;
  readonly sha256: Sha256;
}

/**
 * The same statements again change nothing. Problems: `device/join-required`, `device/chain-moved`, `device/chain-refused`,
 * `device/too-many`, `device/conflict`.
 */
export async function extendMemberChain(deps: Deps, caller: MemberCaller, extension: ChainExtension): Promise<void> {
  const { store, perform } = deps;
  const { from, statements, startOver } = extension;
  const held = await store.read((view) => view.statementsOf(caller.member));
  if (isRepeat(held, extension)) return perform(async () => ({ entries: [], value: undefined }));
  if (from === 0 && held.length > 0 && !startOver) throw deviceProblem("device/join-required");
  const kept = startOver ? [] : held;
  if (from !== kept.length) throw deviceProblem("device/chain-moved");
  // Outside the transaction: checking signatures is no work for a database that waits.
  const { member, organisation } = caller;
  const chain = await verifyMemberChain(deps, { member, organisation }, [...kept, ...statements]);
  if (chain === null) throw deviceProblem("device/chain-refused");
  await store.read((view) => requireWhole(view, chain, extension));

  return perform(async (tx, now) => {
    const current = await tx.statementsOf(member);
    if (isRepeat(current, extension)) return { entries: [], value: undefined };
    if (!isSame(current, held)) throw deviceProblem("device/chain-moved");
    const entries: Entry[] = [];
    if (startOver) entries.push(...(await removeEverything(tx, caller, now)));
    for (const [index, { statement, signature }] of statements.entries()) {
      const position = from + index;
      await tx.addStatement({ member, position, statement, signature });
      const said = chain.statements[position];
      if (said === undefined) throw new Error("a verified chain lacks a statement");
      entries.push(await apply(tx, caller, { said, hash: statementHash(deps.sha256, statement), extension, now }));
    }
    const gone = new Set([...chain.holders.values()].filter(({ removedAt }) => removedAt !== null).map(({ id }) => id));
    for (const wrap of extension.wraps.filter(({ holder }) => !gone.has(holder)))
      await tx.addMemberKeyWrap({ member, ...wrap });
    const waiting = new Set((await tx.deviceRequestsOf(member)).map(({ id }) => id));
    for (const { device, proof } of extension.approvals)
      if (waiting.has(device)) await tx.approveDeviceRequest(device, proof);
    return { entries, value: undefined };
  });
}

function isRepeat(held: readonly SignedStatement[], { from, statements }: ChainExtension): boolean {
  return statements.every(({ statement }, index) => {
    const known = held[from + index];
    return known !== undefined && equalBytes(known.statement, statement);
  });
}

/** The last statement stands for all before it. */
function isSame(a: readonly SignedStatement[], b: readonly SignedStatement[]): boolean {
  const [last, other] = [a.at(-1)?.statement, b.at(-1)?.statement];
  return a.length === b.length && (last === undefined || other === undefined || equalBytes(last, other));
}

/** Everybody who is in can open the newest member key, and keys that are sealed come with what is sealed. */
async function requireWhole(view: View, chain: MemberChain, extension: ChainExtension): Promise<void> {
  const { wraps, sealedKeys, from, startOver } = extension;
  const { generation } = newestMemberKey(chain);
  const before = startOver ? [] : await view.memberKeyWrapsOf(chain.member);
  const opens = new Set(
    [...before, ...wraps].filter((wrap) => wrap.generation === generation).map(({ holder }) => holder),
  );
  const coming = [...chain.holders.values()].filter((holder) => holder.addedAt >= from && holder.kind !== "device");
  const isWhole =
    activeHolders(chain).every(({ id }) => opens.has(id)) &&
    wraps.every((wrap) => chain.holders.has(wrap.holder) && wrap.generation >= 1 && wrap.generation <= generation) &&
    coming.length === sealedKeys.length &&
    coming.every(({ id }) => sealedKeys.some(({ holder }) => holder === id));
  if (!isWhole) throw deviceProblem("device/chain-refused");
}

async function removeEverything(tx: Transaction, caller: MemberCaller, now: number): Promise<readonly Entry[]> {
  const devices = (await tx.devicesOf(caller.member)).filter(({ removedAt }) => removedAt === null);
  for (const { id } of devices) await tx.removeDevice(id, now);
  await tx.forgetMemberChain(caller.member);
  return [{ ...by(caller), type: "member/devices-replaced", detail: { devices: devices.length } }];
}

async function apply(
  tx: Transaction,
  caller: MemberCaller,
  {
    said: { body },
    hash,
    extension,
    now,
  }: { said: MemberStatement; hash: Bytes; extension: ChainExtension; now: number },
): Promise<Entry> {
  const entry = { ...by(caller), payloadHash: hash };
  switch (body.kind) {
    case "holder-added": {
      const { holder: id, holderKind: kind, name, signingPublicKey, hpkePublicKey } = body;
      if ((await tx.deviceCount(caller.member)) >= LIMITS.devicesPerMember) throw deviceProblem("device/too-many");
      if ((await tx.findDevice(id)) !== null) throw deviceProblem("device/conflict");
      const sealedKeys = extension.sealedKeys.find(({ holder }) => holder === id)?.sealed ?? null;
      const { member, organisation } = caller;
      const keys = { signingPublicKey, hpkePublicKey, sealedKeys };
      await tx.addDevice({ id, member, organisation, name, kind, ...keys, createdAt: now, removedAt: null });
      return { ...entry, type: "device/enrolled", detail: { device: id, kind } };
    }
    case "holder-removed":
      await tx.removeDevice(body.holder, now);
      return { ...entry, type: "device/removed", detail: { device: body.holder } };
    case "member-key-set":
      return { ...entry, type: "member/key-set", detail: { generation: body.generation } };
  }
}

const by = ({ member: id, organisation }: MemberCaller) => ({ actor: { kind: "member", id } as const, organisation });
