/**
 * The recursive definitions of RFC 9162 §2.1 written down as they stand there, slow and plain.
 * The product's code is held against them; it shares nothing with them but SHA-256.
 */
import { createHash } from "node:crypto";

export class MerkleOracle {
  private readonly leaves: readonly Uint8Array[];
  private readonly known = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(leaves: readonly Uint8Array[]) {
    this.leaves = leaves;
  }

  /** MTH(D[start:end]), §2.1.1. */
  root(start: number, end: number): Uint8Array<ArrayBuffer> {
    const name = `${start}:${end}`;
    const hash = this.known.get(name) ?? this.hashOf(start, end);
    this.known.set(name, hash);
    return hash;
  }

  /** PATH(index, D[start:end]), §2.1.3.1, with `index` counted from `start`. */
  path(index: number, start: number, end: number): Uint8Array<ArrayBuffer>[] {
    if (end - start === 1) return [];
    const k = split(end - start);
    return index < k
      ? [...this.path(index, start, start + k), this.root(start + k, end)]
      : [...this.path(index - k, start + k, end), this.root(start, start + k)];
  }

  /** SUBPROOF(m, D[start:end], whole), §2.1.4.1. PROOF(m, D_n) is `consistency(m, 0, n, true)` for 0 < m < n. */
  consistency(m: number, start: number, end: number, whole: boolean): Uint8Array<ArrayBuffer>[] {
    if (m === end - start) return whole ? [] : [this.root(start, end)];
    const k = split(end - start);
    return m <= k
      ? [...this.consistency(m, start, start + k, whole), this.root(start + k, end)]
      : [...this.consistency(m - k, start + k, end, false), this.root(start, start + k)];
  }

  private hashOf(start: number, end: number): Uint8Array<ArrayBuffer> {
    if (start === end) return sha256([]);
    const leaf = this.leaves[start];
    if (end - start === 1 && leaf !== undefined) return sha256([Uint8Array.of(0), leaf]);
    const k = split(end - start);
    return sha256([Uint8Array.of(1), this.root(start, start + k), this.root(start + k, end)]);
  }
}

/** The largest power of two smaller than n. */
function split(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}

function sha256(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return new Uint8Array(hash.digest());
}
