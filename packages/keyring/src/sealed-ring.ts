/**
 * The ring as a file: generation in clear, the rest AES-256-GCM under that generation's master (docs/formats/ring.md).
 * A master seals one ring and the journal that follows it; nonces are random, and far fewer than the 2^32 messages
 * that NIST SP 800-38D §8.3 allows.
 */
import {
  type AeadKey,
  type BinaryReader,
  BinaryWriter,
  type Bytes,
  MalformedBinary,
  type Random,
  utf8Bytes,
} from "@safeconduct/foundation";
import { domainWriter, FORMAT_VERSION, readVersion, readWhole } from "./encoding.ts";
import { DamagedStore } from "./ring-store.ts";

/** The file's first four bytes. */
const MAGIC = utf8Bytes("SCKR");
/** AES-GCM. */
export const IV_BYTES = 12;
/** Bytes of a ring's ciphertext: some millions of entries. What is longer is not written, for it could not be read again. */
export const RING_LIMIT_BYTES = 1 << 30;
/** AES-GCM. */
const TAG_BYTES = 16;

/** Throws RangeError over {@link RING_LIMIT_BYTES}. */
export async function sealRing(
  random: Random,
  { master, generation, ring }: { master: AeadKey; generation: number; ring: Bytes },
): Promise<Bytes> {
  if (ring.length > RING_LIMIT_BYTES - TAG_BYTES) throw new RangeError("the ring is over its limit");
  const iv = random.bytes(IV_BYTES);
  const ciphertext = await master.seal({ iv, plaintext: ring, aad: ringAad(generation) });
  const writer = new BinaryWriter().fixed(MAGIC, MAGIC.length).u8(FORMAT_VERSION).u64(generation);
  return writer.fixed(iv, IV_BYTES).vector(ciphertext).bytes();
}

/** The generation that a ring file says it is of, and how to open it with that generation's master. */
export interface SealedRing {
  readonly generation: number;
  /** Throws {@link DamagedStore}. */
  open(master: AeadKey): Promise<Bytes>;
}

/** Throws {@link DamagedStore}. */
export function readSealedRing(file: Uint8Array): SealedRing {
  const sealed = readWhole(file, readParts);
  if (sealed === null) throw new DamagedStore("the ring file is damaged");
  const { generation, iv, ciphertext } = sealed;
  return {
    generation,
    open: async (master) => {
      const ring = await master.open({ iv, ciphertext, aad: ringAad(generation) });
      if (ring === null) throw new DamagedStore("the ring file is damaged or does not belong to this master key");
      return ring;
    },
  };
}

function readParts(reader: BinaryReader): { generation: number; iv: Bytes; ciphertext: Bytes } {
  if (!reader.fixed(MAGIC.length).every((byte, at) => byte === MAGIC[at])) throw new MalformedBinary("not a ring file");
  readVersion(reader);
  return { generation: reader.u64(), iv: reader.fixed(IV_BYTES), ciphertext: reader.vector(RING_LIMIT_BYTES) };
}

function ringAad(generation: number): Bytes {
  return domainWriter("ring").u64(generation).bytes();
}
