/**
 * Which cosignatures make a checkpoint worth believing: the policy file of C2SP tlog-policy. It names witnesses by their
 * keys, may put them into groups with a threshold, and says which of them is the quorum. Logs use its addresses too.
 */
import type { Sha256 } from "@safeconduct/foundation";
import { ledgerProblem } from "./errors.ts";
import type { VerifiedSignature } from "./note.ts";
import { COSIGNATURE_KEY, ED25519_KEY, formatVerifierKey, parseVerifierKey, type VerifierKey } from "./note-keys.ts";

export interface PolicyWitness {
  readonly name: string;
  readonly key: VerifierKey;
  /** Submission prefix, as it stands in the file; not checked here. */
  readonly url: string | null;
}

export interface WitnessPolicy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly PolicyWitness[];
  /** What must be met; null for `quorum none`. */
  readonly quorum: Requirement | null;
}

/** A witness, or a group of which `threshold` must be met. */
type Requirement = VerifierKey | { readonly threshold: number; readonly members: readonly Requirement[] };

export const POLICY_LIMIT_CHARACTERS = 65_536;
/** Of logs, of witnesses and of groups, each. Twice sixteen fits into the lines of one note. */
export const POLICY_LIMIT_ITEMS = 32;

/** Throws `ledger/policy-malformed`. `text` is an operator's or verifier's own file. */
export function parsePolicy(sha256: Sha256, text: string): WitnessPolicy {
  const policy = text.length <= POLICY_LIMIT_CHARACTERS ? new PolicyReader(sha256).read(text) : null;
  if (policy === null) throw ledgerProblem("ledger/policy-malformed");
  return policy;
}

/** The policy that each of these witnesses must have cosigned. */
export function policyOfAll(keys: readonly VerifierKey[]): WitnessPolicy {
  return {
    logs: [],
    witnesses: keys.map((key) => ({ name: key.name, key, url: null })),
    quorum: keys.length === 0 ? null : { threshold: keys.length, members: keys },
  };
}

/** Whether the verified cosignatures meet the quorum. */
export function meetsQuorum({ quorum }: WitnessPolicy, cosignatures: readonly VerifiedSignature[]): boolean {
  const signed = new Set(cosignatures.map(({ key }) => formatVerifierKey(key)));
  const isMet = (requirement: Requirement): boolean =>
    "members" in requirement
      ? requirement.members.filter(isMet).length >= requirement.threshold
      : signed.has(formatVerifierKey(requirement));
  return quorum === null || isMet(quorum);
}

/** Reads line by line; a name may be used only after the line that defines it, so nothing can go round in circles. */
class PolicyReader {
  private readonly sha256: Sha256;
  private readonly logs: VerifierKey[] = [];
  private readonly witnesses: PolicyWitness[] = [];
  private readonly defined = new Map<string, Requirement>();
  /** Names that a group has taken: each contributes in one way only. */
  private readonly grouped = new Set<string>();
  private groups = 0;
  private quorum: Requirement | null | undefined;

  constructor(sha256: Sha256) {
    this.sha256 = sha256;
  }

  read(text: string): WitnessPolicy | null {
    for (const line of text.split("\n")) {
      const words = line.split(/[ \t]+/).filter((word) => word !== "");
      if (words.length === 0 || words[0]?.startsWith("#")) continue;
      if (/[^\P{Cc}\t]/u.test(line) || !this.readLine(words)) return null;
    }
    const { logs, witnesses, quorum } = this;
    return quorum === undefined ? null : { logs, witnesses, quorum };
  }

  private readLine([kind, ...words]: readonly string[]): boolean {
    switch (kind) {
      case "log":
        return this.readLog(words);
      case "witness":
        return this.readWitness(words);
      case "group":
        return this.readGroup(words);
      case "quorum":
        return this.readQuorum(words);
      default:
        return false;
    }
  }

  private readLog(words: readonly string[]): boolean {
    const key = parseVerifierKey(this.sha256, words[0] ?? "");
    if (key?.type !== ED25519_KEY || words.length > 2 || this.logs.length >= POLICY_LIMIT_ITEMS) return false;
    if (isKnown(this.logs, key)) return false;
    this.logs.push(key);
    return true;
  }

  private readWitness(words: readonly string[]): boolean {
    const [name = "", keyText = "", url = null] = words;
    const key = parseVerifierKey(this.sha256, keyText);
    if (key?.type !== COSIGNATURE_KEY || words.length > 3 || this.witnesses.length >= POLICY_LIMIT_ITEMS) return false;
    const keys = this.witnesses.map((witness) => witness.key);
    if (isKnown(keys, key) || !this.define(name, key)) return false;
    this.witnesses.push({ name, key, url });
    return true;
  }

  private readGroup([name = "", rule = "", ...names]: readonly string[]): boolean {
    this.groups++;
    if (names.length === 0 || this.groups > POLICY_LIMIT_ITEMS) return false;
    const members: Requirement[] = [];
    for (const each of names) {
      const member = this.defined.get(each);
      if (member === undefined || this.grouped.has(each)) return false;
      this.grouped.add(each);
      members.push(member);
    }
    const threshold = rule === "all" ? names.length : rule === "any" ? 1 : countOf(rule);
    if (threshold === null || threshold > names.length) return false;
    return this.define(name, { threshold, members });
  }

  private readQuorum([name = "", ...rest]: readonly string[]): boolean {
    const requirement = name === "none" ? null : this.defined.get(name);
    if (this.quorum !== undefined || requirement === undefined || rest.length > 0) return false;
    this.quorum = requirement;
    return true;
  }

  private define(name: string, requirement: Requirement): boolean {
    if (name === "none" || this.defined.has(name)) return false;
    this.defined.set(name, requirement);
    return true;
  }
}

/** tlog-policy: the same public key under another name is a duplicate. */
function isKnown(keys: readonly VerifierKey[], { publicKey }: VerifierKey): boolean {
  return keys.some((key) => key.publicKey.every((byte, i) => byte === publicKey[i]));
}

function countOf(text: string): number | null {
  return /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : null;
}
