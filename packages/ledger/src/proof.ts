/**
 * Inclusion and consistency proofs (RFC 9162 §2.1.3, §2.1.4): made from tiles, verified from nothing but hashes.
 * The verifiers take attacker-controlled proofs and sizes; they answer true or false and never throw on them.
 */
import { type Bytes, equalBytes, nodeHash, type Sha256 } from "@safeconduct/foundation";
import { HASH_BYTES } from "./leaf.ts";
import { largestPowerOfTwoBelow, type TreeReader } from "./tree-reader.ts";

/** Hashes in a proof, at most: a tree of 2^53 − 1 leaves needs 53, and consistency one more. */
export const PROOF_LIMIT_HASHES = 64;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** PATH(index, D_n), from the leaf's sibling up. Throws `ledger/tile-missing`. */
export async function inclusionProof(tree: TreeReader, index: number): Promise<Bytes[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size) throw new RangeError("index outside the tree");
  const ranges: Range[] = [];
  let start = 0;
  let end = tree.size;
  while (end - start > 1) {
    const middle = start + largestPowerOfTwoBelow(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return hashesOf(tree, ranges.reverse());
}

/** PROOF(oldSize, D_n). Empty for size 0 and for equal sizes. Throws `ledger/tile-missing`. */
export async function consistencyProof(tree: TreeReader, oldSize: number): Promise<Bytes[]> {
  if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > tree.size)
    throw new RangeError("old size outside the tree");
  if (oldSize === 0 || oldSize === tree.size) return [];
  const ranges: Range[] = [];
  let start = 0;
  let end = tree.size;
  while (end !== oldSize) {
    const middle = start + largestPowerOfTwoBelow(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // SUBPROOF leaves out the old root where the verifier already knows it.
  if (start > 0) ranges.push({ start, end });
  return hashesOf(tree, ranges.reverse());
}

export interface InclusionClaim {
  readonly leafHash: Bytes;
  readonly index: number;
  readonly size: number;
  readonly root: Bytes;
  readonly proof: readonly Bytes[];
}

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(sha256: Sha256, { leafHash, index, size, root, proof }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !wellFormed([leafHash, root, ...proof])) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = nodeHash(sha256, sibling, hash);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      hash = nodeHash(sha256, hash, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equalBytes(hash, root);
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Bytes;
  readonly newSize: number;
  readonly newRoot: Bytes;
  readonly proof: readonly Bytes[];
}

/** RFC 9162 §2.1.4.2; every tree is consistent with the empty one. */
export function verifyConsistency(sha256: Sha256, claim: ConsistencyClaim): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize || !wellFormed([oldRoot, newRoot, ...proof]))
    return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, sha256());
  const [seed, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (seed === undefined || proof.length === 0) return false;

  let fn = oldSize - 1;
  let sn = newSize - 1;
  while (isOdd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  let oldHash = seed;
  let newHash = seed;
  for (const hash of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      oldHash = nodeHash(sha256, hash, oldHash);
      newHash = nodeHash(sha256, hash, newHash);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      newHash = nodeHash(sha256, newHash, hash);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

async function hashesOf(tree: TreeReader, ranges: readonly Range[]): Promise<Bytes[]> {
  const hashes: Bytes[] = [];
  for (const { start, end } of ranges) hashes.push(await tree.rangeHash(start, end));
  return hashes;
}

function wellFormed(hashes: readonly Bytes[]): boolean {
  // Two hashes of the claim stand beside the proof.
  return hashes.length <= PROOF_LIMIT_HASHES + 2 && hashes.every((hash) => hash.length === HASH_BYTES);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

// Sizes go up to 2^53 − 1, beyond the 32 bits of JavaScript's shift operators.
function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  let rest = value;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}
