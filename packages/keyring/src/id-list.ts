/** Transfers and grants named together in one operation, with the limit that keeps it one journal record. */
import {
  type BinaryReader,
  type BinaryWriter,
  type GrantId,
  MalformedBinary,
  type OrganisationId,
  type TransferId,
} from "@safeconduct/foundation";
import { readId, writeId } from "./encoding.ts";
import { ID_LIST_LIMIT } from "./limits.ts";

export interface NamedShares {
  readonly organisation: OrganisationId;
  readonly transfers: readonly TransferId[];
  readonly grants: readonly GrantId[];
}

/** Throws RangeError over {@link ID_LIST_LIMIT}. */
export function writeNamedShares(writer: BinaryWriter, { organisation, transfers, grants }: NamedShares): BinaryWriter {
  writeId(writer, organisation);
  for (const ids of [transfers, grants]) {
    if (ids.length > ID_LIST_LIMIT) throw new RangeError(`more than ${ID_LIST_LIMIT} ids`);
    writer.u16(ids.length);
    for (const id of ids) writeId(writer, id);
  }
  return writer;
}

export function readNamedShares(reader: BinaryReader): NamedShares {
  return {
    organisation: readId(reader, "organisation"),
    transfers: readIds(reader, "transfer"),
    grants: readIds(reader, "grant"),
  };
}

function readIds<Kind extends "transfer" | "grant">(reader: BinaryReader, kind: Kind) {
  const count = reader.u16();
  if (count > ID_LIST_LIMIT) throw new MalformedBinary("too many ids");
  return Array.from({ length: count }, () => readId(reader, kind));
}
