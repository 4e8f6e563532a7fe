/** Ids in binary formats: their 16 random bytes. The field says which kind is meant, so the prefix is not stored. */
import {
  type BinaryReader,
  type BinaryWriter,
  type DeviceId,
  drawId,
  type FileId,
  type GrantId,
  ID_RANDOM_BYTES,
  idBytes,
  type MemberId,
  type OrganisationId,
  type RecoveryId,
  type TransferId,
} from "@safeconduct/foundation";

interface IdFields {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
  readonly file: FileId;
  readonly member: MemberId;
  readonly device: DeviceId;
  readonly recovery: RecoveryId;
}

export function writeId(writer: BinaryWriter, id: IdFields[keyof IdFields]): BinaryWriter {
  return writer.fixed(idBytes(id), ID_RANDOM_BYTES);
}

/** The id of that kind. Each of the 2^128 values is one, so nothing can be refused but a short input. */
export function readId<Kind extends keyof IdFields>(reader: BinaryReader, kind: Kind): IdFields[Kind] {
  const stored = reader.fixed(ID_RANDOM_BYTES);
  return drawId(kind, { bytes: () => stored }) as string as IdFields[Kind];
}
