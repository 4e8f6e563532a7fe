/**
 * The Merkle tree hash of RFC 9162 §2.1.1, shared by the ledger (leaves are entries) and the envelope (leaves are parts).
 * The prefixes keep a leaf from being taken for a node.
 */
import { type Bytes } from "./bytes.ts";
import type { Sha256 } from "./ports.ts";

const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

export function leafHash(sha256: Sha256, leaf: Uint8Array): Bytes {
  return sha256(LEAF_PREFIX, leaf);
}

export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Bytes {
  return sha256(NODE_PREFIX, left, right);
}

/** MTH over leaf hashes, in order. The empty tree is SHA-256 of nothing. Memory is O(log n). */
export function merkleRoot(sha256: Sha256, leafHashes: Iterable<Bytes>): Bytes {
  // One complete subtree for each set bit of the count so far, largest first.
  const subtrees: { hash: Bytes; height: number }[] = [];
  for (const hash of leafHashes) {
    let joined = { hash, height: 0 };
    for (let last = subtrees.at(-1); last?.height === joined.height; last = subtrees.at(-1)) {
      subtrees.pop();
      joined = { hash: nodeHash(sha256, last.hash, joined.hash), height: joined.height + 1 };
    }
    subtrees.push(joined);
  }
  const smallest = subtrees.pop();
  if (smallest === undefined) return sha256();
  return subtrees.reduceRight((right, left) => nodeHash(sha256, left.hash, right), smallest.hash);
}
