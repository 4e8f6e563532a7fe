/** Puts a certificate of custody together from the rows of a transfer and the tiles of the log. */
import type { Bytes, OrganisationId, Sha256, TransferId } from "@safeconduct/foundation";
import type { JsonObject } from "./canonical-json.ts";
import type { Certificate, CertificateEntry } from "./certificate.ts";
import type { ReadTile } from "./ports.ts";
import { inclusionProof } from "./proof.ts";
import { TreeReader } from "./tree-reader.ts";

export interface CustodyEntry {
  readonly index: number;
  /** Null after erasure, together with its salt. */
  readonly event: JsonObject | null;
  readonly salt: Bytes | null;
}

export interface Custody {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  /** Milliseconds since the Unix epoch. */
  readonly issuedAt: number;
  readonly subjectSalt: Bytes | null;
  /** At least one, in ascending order of index, all below the checkpoint's size. */
  readonly entries: readonly CustodyEntry[];
}

export interface CertificateSource {
  readonly sha256: Sha256;
  readonly readTile: ReadTile;
  /** Size of the tree in `checkpointText`. */
  readonly size: number;
  /** The signed note. */
  readonly checkpointText: string;
}

/** Throws `ledger/tile-missing` where the log lacks a tile. Leaves come from the log itself, not from the database. */
export async function issueCertificate(source: CertificateSource, custody: Custody): Promise<Certificate> {
  const tree = new TreeReader(source);
  const entries: CertificateEntry[] = [];
  for (const { index, event, salt } of custody.entries) {
    entries.push({ index, event, salt, leaf: await tree.entry(index), proof: await inclusionProof(tree, index) });
  }
  const { organisation, transfer, issuedAt, subjectSalt } = custody;
  return { organisation, transfer, issuedAt, checkpoint: source.checkpointText, subjectSalt, entries };
}
