/**
 * "Was any link used after its deadline?" The deadline is not taken from a column that somebody may have changed: it is read out
 * of the frozen terms, and the entry's own leaf has the hash of those.
 */
import { decodeTerms, termsHash } from "@safeconduct/envelope";
import { type Bytes, equalBytes, type GrantId, MalformedBinary, type Sha256 } from "@safeconduct/foundation";
import { decodeLeaf } from "@safeconduct/ledger";
import type { PlacedEvent, View } from "../store.ts";

/** `unproven`: the terms that the entry was made under are not there, so nobody can tell. */
export type Timeliness = "in-time" | "late" | "unproven";

interface Deadline {
  readonly termsHash: Bytes;
  readonly notAfter: number;
}

/** Looks each link up once: most have several uses. */
export class Deadlines {
  private readonly view: Pick<View, "findGrant">;
  private readonly sha256: Sha256;
  private readonly known = new Map<GrantId, Deadline | null>();

  constructor({ view, sha256 }: { view: Pick<View, "findGrant">; sha256: Sha256 }) {
    this.view = view;
    this.sha256 = sha256;
  }

  /** `event` is a use of a link. It counts as late from the first instant at which the terms allow none. */
  async timelinessOf({ grant, leaf, at }: PlacedEvent): Promise<Timeliness> {
    const deadline = grant === null ? null : await this.deadlineOf(grant);
    if (deadline === null || !equalBytes(leafTermsHash(leaf), deadline.termsHash)) return "unproven";
    return at >= deadline.notAfter ? "late" : "in-time";
  }

  private async deadlineOf(id: GrantId): Promise<Deadline | null> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const grant = await this.view.findGrant(id);
    const deadline = grant === null ? null : deadlineIn(this.sha256, grant.terms);
    this.known.set(id, deadline);
    return deadline;
  }
}

function deadlineIn(sha256: Sha256, terms: Bytes): Deadline | null {
  try {
    return { termsHash: termsHash(sha256, terms), notAfter: decodeTerms(terms).notAfter };
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}

/** No hash at all where the leaf is none. */
function leafTermsHash(leaf: Bytes): Bytes {
  try {
    return decodeLeaf(leaf).termsHash;
  } catch (error) {
    if (error instanceof MalformedBinary) return new Uint8Array(0);
    throw error;
  }
}
