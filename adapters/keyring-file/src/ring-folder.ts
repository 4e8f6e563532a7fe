/**
 * The ring in a folder: `ring` (sealed), `journal-GENERATION` (sealed records), `version`. A new ring is made durable
 * beside the old one and takes its place by a rename; only then is the old master destroyed. A crash at any point
 * leaves the old state or the new one, and `open` ends what was interrupted.
 */
import { join } from "node:path";
import { type AeadKey, type Bytes, concatBytes, type Random } from "@safeconduct/foundation";
import {
  DamagedStore,
  journalHeader,
  type MasterHolder,
  readJournal,
  readSealedRing,
  type RingStore,
  type StoredRing,
  sealJournalRecord,
  sealRing,
  StoreFailure,
} from "@safeconduct/keyring";
import { type FileSystem, type OpenFile, writeDurably } from "./file-system.ts";
import { readFolderVersion, writeFolderVersion } from "./folder-version.ts";

const JOURNAL_NAME = /^journal-([1-9][0-9]{0,15})$/;
const FIRST_GENERATION = 1;

export interface RingFolderPorts {
  readonly files: FileSystem;
  readonly masters: MasterHolder;
  readonly random: Random;
}

/** What is open while the store is. */
interface Current {
  readonly generation: number;
  readonly master: AeadKey;
  readonly journal: OpenFile;
  /** Length of the journal's durable part. */
  journalBytes: number;
  journalRecords: number;
}

export class RingFolder implements RingStore {
  private readonly files: FileSystem;
  private readonly masters: MasterHolder;
  private readonly random: Random;
  private readonly folder: string;
  private current: Current | null = null;

  constructor({ files, masters, random }: RingFolderPorts, folder: string) {
    this.files = files;
    this.masters = masters;
    this.random = random;
    this.folder = folder;
  }

  async open(): Promise<StoredRing> {
    const version = await readFolderVersion(this.files, this.folder);
    if (version !== "ready") await this.setUp(version !== null);
    return this.openReady();
  }

  async appendJournal(records: readonly Bytes[]): Promise<void> {
    const current = this.opened();
    const { master, generation, journal, journalBytes, journalRecords } = current;
    const framed = concatBytes(
      ...(await Promise.all(
        records.map((record, at) =>
          sealJournalRecord(this.random, { master, generation, position: journalRecords + at, record }),
        ),
      )),
    );
    try {
      await journal.write(framed, journalBytes);
    } catch (error) {
      // A full disk: what got there is taken back, so that the next record does not follow half of this one.
      await lasting(journal.truncate(journalBytes).then(() => journal.sync()));
      throw new StoreFailure(false, error);
    }
    await lasting(journal.sync());
    current.journalBytes += framed.length;
    current.journalRecords += records.length;
  }

  async replaceRing(ring: Bytes): Promise<void> {
    const previous = this.opened();
    const generation = previous.generation + 1;
    const written = await this.writeBeside(generation, ring);
    await lasting(this.putInPlace(generation, previous));
    this.current = written;
  }

  /** Lets go of the journal. */
  async close(): Promise<void> {
    await this.current?.journal.close();
    this.current = null;
  }

  private opened(): Current {
    if (this.current === null) throw new Error("the ring is not open");
    return this.current;
  }

  /** The empty ring of generation 1. `interrupted`: an earlier attempt did not come to its end. */
  private async setUp(interrupted: boolean): Promise<void> {
    if (interrupted) await this.removeOthers(null);
    else await this.refuseRemains();
    await writeFolderVersion(this.files, this.folder, "being-set-up");
    const { journal } = await this.writeGeneration(FIRST_GENERATION, new Uint8Array(0));
    await journal.close();
    await this.files.rename(this.path("ring.new"), this.path("ring"));
    await this.files.syncFolder(this.folder);
    await writeFolderVersion(this.files, this.folder, "ready");
  }

  /** A folder that lost its version file, or masters whose folder was not mounted, must not become a new ring. */
  private async refuseRemains(): Promise<void> {
    const names = await this.files.list(this.folder);
    const remains = names.includes("ring") || names.some((name) => JOURNAL_NAME.test(name));
    if (remains) throw new DamagedStore("the key folder has lost its version file");
    if ((await this.masters.generations()).length > 0) throw new DamagedStore("there are master keys but no ring");
  }

  /** Reads and checks everything before it changes anything: a folder that cannot be opened is left as it is. */
  private async openReady(): Promise<StoredRing> {
    const file = await this.files.read(this.path("ring"));
    if (file === null) throw new DamagedStore("the ring file is missing");
    const sealed = readSealedRing(file);
    const { generation } = sealed;
    const master = await this.masters.open(generation);
    if (master === null) throw new DamagedStore("the master key of this ring is missing or destroyed");
    const ring = await sealed.open(master);
    const journalFile = await this.files.read(this.journalPath(generation));
    if (journalFile === null) throw new DamagedStore("the journal is missing");
    const { records, wholeBytes } = await readJournal(journalFile, { master, generation });
    const journal = await this.files.open(this.journalPath(generation));
    if (journal === null) throw new DamagedStore("the journal is missing");
    if (wholeBytes < journalFile.length) {
      await journal.truncate(wholeBytes);
      await journal.sync();
    }
    await this.removeOthers(generation);
    this.current = { generation, master, journal, journalBytes: wholeBytes, journalRecords: records.length };
    return { generation, ring, journal: records };
  }

  /** Drops files and destroys masters of every generation but `kept`. */
  private async removeOthers(kept: number | null): Promise<void> {
    await this.files.remove(this.path("ring.new"));
    await this.files.remove(this.path("version.new"));
    if (kept === null) await this.files.remove(this.path("ring"));
    for (const name of await this.files.list(this.folder)) {
      const match = JOURNAL_NAME.exec(name);
      if (match !== null && Number(match[1]) !== kept) await this.files.remove(this.path(name));
    }
    for (const generation of await this.masters.generations()) {
      if (generation !== kept) await this.masters.destroy(generation);
    }
    await this.files.syncFolder(this.folder);
  }

  /** The next generation, durable beside the one that stands. Taken back if it fails. */
  private async writeBeside(generation: number, ring: Bytes): Promise<Current> {
    try {
      return await this.writeGeneration(generation, ring);
    } catch (error) {
      // What cannot be taken back now is replaced by the next attempt or removed by the next opening.
      await this.masters.destroy(generation).catch(() => undefined);
      await this.files.remove(this.path("ring.new")).catch(() => undefined);
      throw new StoreFailure(false, error);
    }
  }

  private async writeGeneration(generation: number, ring: Bytes): Promise<Current> {
    const master = await this.masters.create(generation);
    const sealed = await sealRing(this.random, { master, generation, ring });
    await writeDurably(this.files, this.path("ring.new"), sealed);
    const header = journalHeader(generation);
    const journal = await this.files.create(this.journalPath(generation));
    try {
      await journal.write(header, 0);
      await journal.sync();
      await this.files.syncFolder(this.folder);
    } catch (error) {
      await journal.close().catch(() => undefined);
      throw error;
    }
    return { generation, master, journal, journalBytes: header.length, journalRecords: 0 };
  }

  private async putInPlace(generation: number, previous: Current): Promise<void> {
    await this.files.rename(this.path("ring.new"), this.path("ring"));
    await this.files.syncFolder(this.folder);
    await previous.journal.close();
    await this.files.remove(this.journalPath(generation - 1));
    await this.files.syncFolder(this.folder);
    await this.masters.destroy(generation - 1);
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private journalPath(generation: number): string {
    return this.path(`journal-${generation}`);
  }
}

/** A step after which, if it fails, nobody knows what the disk holds. */
async function lasting(step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    throw new StoreFailure(true, error);
  }
}
