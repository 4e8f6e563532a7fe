/**
 * Which keys are a member's. The chain begins with the member's first device, which signs itself in; from there every holder is
 * signed in by one that was in already (cross-signing). A client that knows any true statement of the chain, its own device's or
 * the newest that it saw, cannot be shown another member key or another device: the server has no signature to do it with.
 *
 * Rules, each of which a chain must keep at every position:
 * 1. the first statement adds a device, signed by itself; the second sets member key 1;
 * 2. a signer is in the chain, not removed, and not removing itself; a recovery holder signs nothing but the coming of a device;
 * 3. an id comes once and never again; at most 20 holders at a time, one recovery holder among them; one device or passkey stays;
 * 4. after removals comes a new member key: what is sealed from there on, the removed holder cannot open.
 */
import {
  type Bytes,
  type DeviceId,
  equalBytes,
  MalformedBinary,
  type Sha256,
  type Signatures,
} from "@safeconduct/foundation";
import {
  decodeStatement,
  type HolderKind,
  type MemberScopeOfKeys,
  type MemberStatement,
  NO_STATEMENT,
  type SignedStatement,
  statementHash,
} from "./member-statement.ts";

/** Statements of one chain. A member who adds and removes a device every week has room for years. */
export const CHAIN_LIMIT = 1000;
export const HOLDERS_LIMIT = 20;

export interface Holder {
  readonly id: DeviceId;
  readonly kind: HolderKind;
  readonly name: string;
  readonly signingPublicKey: Bytes;
  readonly hpkePublicKey: Bytes;
  /** Positions of the statements that added and removed it. */
  readonly addedAt: number;
  readonly removedAt: number | null;
}

export interface MemberKey {
  readonly generation: number;
  readonly publicKey: Bytes;
}

/** What somebody remembers of a chain: this position has this hash. */
export interface ChainPin {
  readonly position: number;
  /** 32 bytes. */
  readonly hash: Bytes;
}

declare const verified: unique symbol;
/** A chain whose every statement and signature was checked. Only {@link verifyMemberChain} makes one. */
export interface MemberChain extends MemberScopeOfKeys {
  readonly [verified]: true;
  /** In the order they came, removed ones too. */
  readonly holders: ReadonlyMap<DeviceId, Holder>;
  /** By generation. */
  readonly memberKeys: readonly MemberKey[];
  /** Hash of each statement. */
  readonly hashes: readonly Bytes[];
  readonly statements: readonly MemberStatement[];
  readonly head: ChainPin;
}

/**
 * The chain, or null if any statement of it breaks a rule. Attacker-controlled input. Who it begins with is not judged here: hold it
 * against a pin ({@link holdsPin}), a pairing or a recovery key.
 */
export async function verifyMemberChain(
  { signatures, sha256 }: { signatures: Signatures; sha256: Sha256 },
  scope: MemberScopeOfKeys,
  chain: readonly SignedStatement[],
): Promise<MemberChain | null> {
  if (chain.length < 2 || chain.length > CHAIN_LIMIT) return null;
  const state: State = { holders: new Map(), memberKeys: [], mustRotate: false };
  const hashes: Bytes[] = [];
  const statements: MemberStatement[] = [];
  for (const [position, { statement: encoded, signature }] of chain.entries()) {
    const statement = decoded(encoded);
    if (
      statement?.organisation !== scope.organisation ||
      statement.member !== scope.member ||
      statement.position !== position ||
      !equalBytes(statement.previous, hashes.at(-1) ?? NO_STATEMENT)
    )
      return null;
    const signingPublicKey = signerKey(state, statement);
    if (signingPublicKey === null || !(await signatures.verify(signingPublicKey, encoded, signature))) return null;
    if (!apply(state, statement)) return null;
    hashes.push(statementHash(sha256, encoded));
    statements.push(statement);
  }
  const head = { position: chain.length - 1, hash: hashes.at(-1) ?? NO_STATEMENT };
  if (state.mustRotate || state.memberKeys.length === 0) return null;
  const { holders, memberKeys } = state;
  return { ...scope, holders, memberKeys, hashes, statements, head } as object as MemberChain;
}

/** Whether `chain` is the one of `pin`, as it was or grown. */
export function holdsPin(chain: MemberChain, { position, hash }: ChainPin): boolean {
  const held = chain.hashes[position];
  return held !== undefined && equalBytes(held, hash);
}

/** Holders that are in now. */
export const activeHolders = (chain: MemberChain): readonly Holder[] =>
  [...chain.holders.values()].filter(({ removedAt }) => removedAt === null);

/** The member key to seal to. */
export function newestMemberKey(chain: MemberChain): MemberKey {
  const newest = chain.memberKeys.at(-1);
  if (newest === undefined) throw new Error("a chain has a member key");
  return newest;
}

interface State {
  readonly holders: Map<DeviceId, Holder>;
  readonly memberKeys: MemberKey[];
  mustRotate: boolean;
}

const active = ({ holders }: State): Holder[] => [...holders.values()].filter(({ removedAt }) => removedAt === null);

/** The key that must have signed, or null where this signer may not say this. */
function signerKey(state: State, { position, signer, body }: MemberStatement): Bytes | null {
  if (position === 0) {
    const isGenesis = body.kind === "holder-added" && body.holder === signer && body.holderKind === "device";
    return isGenesis ? body.signingPublicKey : null;
  }
  const holder = state.holders.get(signer);
  if (holder === undefined || holder.removedAt !== null) return null;
  const letsDeviceIn = body.kind === "holder-added" && body.holderKind === "device";
  return holder.kind === "recovery" && !letsDeviceIn ? null : holder.signingPublicKey;
}

/** Whether the statement may stand here; then the state has taken it in. */
function apply(state: State, { position, signer, body }: MemberStatement): boolean {
  switch (body.kind) {
    case "holder-added": {
      const { holder: id, holderKind: kind, name, signingPublicKey, hpkePublicKey } = body;
      const holders = active(state);
      const isSecondPaper = kind === "recovery" && holders.some((each) => each.kind === "recovery");
      const comesBeforeKey = position > 0 && state.memberKeys.length === 0;
      if (state.holders.has(id) || holders.length >= HOLDERS_LIMIT || isSecondPaper || comesBeforeKey) return false;
      if (state.mustRotate) return false;
      state.holders.set(id, { id, kind, name, signingPublicKey, hpkePublicKey, addedAt: position, removedAt: null });
      return true;
    }
    case "holder-removed": {
      const holder = state.holders.get(body.holder);
      if (holder === undefined || holder.removedAt !== null || body.holder === signer) return false;
      if (state.memberKeys.length === 0) return false;
      state.holders.set(holder.id, { ...holder, removedAt: position });
      state.mustRotate = true;
      return active(state).some(({ kind }) => kind !== "recovery");
    }
    case "member-key-set": {
      if (body.generation !== state.memberKeys.length + 1) return false;
      state.memberKeys.push({ generation: body.generation, publicKey: body.publicKey });
      state.mustRotate = false;
      return true;
    }
  }
}

function decoded(encoded: Bytes): MemberStatement | null {
  try {
    return decodeStatement(encoded);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}
