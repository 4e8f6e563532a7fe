/**
 * Sendings that are begun and not finished, so that another command can go on with them: a folder for each in the folder of the
 * account. It holds keys and passcodes of that one transfer, so only its owner can read it, and it goes when the transfer is
 * sealed and its links are shown, given up or forgotten. A sending is locked while a command works on it.
 *
 * The file: a line for the beginning, replaced as a whole; then a line for each part that the server holds and for the seal,
 * appended. A line that a power cut has torn is passed over: its part is sent again.
 */
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { BegunSending, PreparedSeal, SendingNotes } from "@safeconduct/client";
import {
  bytesField,
  deviceId,
  fixedBytes,
  handling,
  instant,
  language,
  LIMITS,
  mailAddress,
  organisationId,
  profile,
  purpose,
  routes,
  transferId,
} from "@safeconduct/contract";
import { FILE_LIMIT, type PartRecord } from "@safeconduct/envelope";
import { base64UrlText, isProblem, parseId, type TransferId } from "@safeconduct/foundation";
import { z } from "zod";
import type { Source } from "./outgoing-files.ts";

/** So many parts at the most are sent again after a power cut; after the end of the process alone none is. */
const SYNC_EVERY_PARTS = 8;
const FOLDER_NAME = "unfinished";
const FILE_NAME = "sending.jsonl";

const fileField = z.string().transform((text, context) => {
  const id = parseId("file", text);
  if (id !== null) return id;
  context.addIssue({ code: "custom", message: "not a file id" });
  return z.NEVER;
});
const secondFactor = z.union([
  z.strictObject({ kind: z.literal("passcode"), passcode: z.string() }),
  z.strictObject({ kind: z.enum(["authenticator", "passkey"]) }),
]);
/** The IVs of the largest part. */
const PROOF_LIMIT_BYTES = 4096;
const sizeBytes = z.int().min(0);
const begunLine = z.strictObject({
  version: z.literal(1),
  server: z.url(),
  begunAt: instant,
  passcodesDrawn: z.boolean(),
  sources: z.array(z.strictObject({ path: z.string(), sizeBytes, modifiedAt: z.string() })).max(FILE_LIMIT),
  begun: z.strictObject({
    organisation: organisationId,
    device: deviceId,
    transfer: transferId,
    packageKey: fixedBytes(32),
    transferShare: fixedBytes(32),
    files: z
      .array(z.strictObject({ id: fileField, path: z.string(), mediaType: z.string(), sizeBytes }))
      .min(1)
      .max(FILE_LIMIT),
    headers: bytesField({ maxBytes: 1 << 20 }),
    purpose,
    profile,
    handling,
    recipients: z.array(
      z.strictObject({
        address: mailAddress,
        name: z.string().nullable(),
        // Notes of an earlier version have none.
        organisation: z.string().nullable().default(null),
        language: language.nullable().default(null),
        secondFactor: secondFactor.nullable(),
      }),
    ),
    notBefore: instant,
    lifeMs: z.int().min(1),
    releaseCap: z.int().min(0),
    closesOnReceipt: z.boolean().default(false),
    conditions: z.strictObject({ mayStore: z.boolean(), deleteByDays: z.int().nullable() }).nullable().default(null),
  }),
});
const partRecord = z.strictObject({ number: z.int().min(1), sizeBytes, sha256: fixedBytes(32) });
/** As it was kept before there were layouts. */
const earlierPart = partRecord
  .extend({ filesSha256: fixedBytes(32) })
  .transform(({ filesSha256: proof, ...part }) => ({ ...part, proof }));
const partLine = z.strictObject({
  part: z.union([partRecord.extend({ proof: bytesField({ maxBytes: PROOF_LIMIT_BYTES }) }), earlierPart]),
});
const sealLine = z.strictObject({
  seal: z.strictObject({
    // Kept as it was written: what is put must be the same again.
    body: z.custom<PreparedSeal["body"]>((value) => routes.sealTransfer.request.safeParse(value).success),
    sent: z.custom<PreparedSeal["sent"]>(
      (value) =>
        z
          .strictObject({
            transfer: transferId,
            notAfter: instant,
            links: z.array(z.strictObject({ address: mailAddress, grant: z.string(), link: z.url() })),
          })
          .safeParse(value).success,
    ),
  }),
});

/** What a command knows of a sending beside what the client keeps. */
export interface SendingFacts {
  /** Origin of the server. */
  readonly server: string;
  readonly begunAt: number;
  /** Whether the passcodes were drawn here, so that they must be shown at the end. */
  readonly passcodesDrawn: boolean;
  /** In the order of the package. */
  readonly sources: readonly Source[];
}

interface KeptSending extends SendingFacts {
  readonly begun: BegunSending;
  readonly parts: readonly PartRecord[];
  readonly seal: PreparedSeal | null;
}

/** A sending that this process alone works on. */
export interface HeldSending {
  /** Null where its beginning was never kept or is damaged. */
  readonly kept: KeptSending | null;
  readonly notes: SendingNotes;
  /** Removes what is kept. */
  forget(): Promise<void>;
  /** Leaves it to another command. */
  release(): Promise<void>;
}

export const unfinishedFolder = (accountFolder: string): string => join(accountFolder, FOLDER_NAME);

/** Ids of all that lie there, those that a command works on as well. */
export async function unfinishedSendings(folder: string): Promise<readonly TransferId[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => parseId("transfer", name) ?? []).sort();
}

/** Null where another command works on it, or where it is not there. */
export async function holdSending(folder: string, transfer: TransferId): Promise<HeldSending | null> {
  const place = join(folder, transfer);
  const lock = await lockOf(place);
  if (lock === null) return null;
  return heldSending(place, { lock, kept: parseKept(await readFile(join(place, FILE_NAME), "utf8").catch(() => "")) });
}

/** A place for a sending that begins; its notes fill it. Null where none can be made: then it cannot be gone on with later. */
export function beginSending(folder: string, facts: SendingFacts): { notes: SendingNotes; held(): HeldSending | null } {
  let held: HeldSending | null = null;
  return {
    held: () => held,
    notes: {
      async begun(begun) {
        const place = join(folder, begun.transfer);
        try {
          await mkdir(place, { recursive: true, mode: 0o700 });
          const lock = await lockOf(place);
          if (lock === null) return;
          held = heldSending(place, { lock, kept: { ...facts, begun, parts: [], seal: null } });
          await writeWhole(place, [{ version: 1, ...facts, begun }]);
        } catch {
          await held?.forget();
          held = null;
        }
      },
      stored: async (part) => held?.notes.stored(part),
      sealing: async (seal) => held?.notes.sealing(seal),
      over: async () => held?.forget(),
    },
  };
}

/** Removes what is older than any draft on the server. */
export async function forgetOld(folder: string, now: number): Promise<void> {
  for (const transfer of await unfinishedSendings(folder)) {
    const held = await holdSending(folder, transfer);
    if (held === null) continue;
    const young = held.kept !== null && now < held.kept.begunAt + LIMITS.draftLifeMs;
    await (young ? held.release() : held.forget());
  }
}

function heldSending(
  place: string,
  { lock, kept }: { lock: { release(): void }; kept: KeptSending | null },
): HeldSending {
  let file: FileHandle | null = null;
  let unsynced = 0;
  // One after the other: lines must not mix.
  let last: Promise<void> = Promise.resolve();
  const append = (line: object, isUrgent: boolean): Promise<void> => {
    last = last.then(async () => {
      if (file === null) {
        file = await open(join(place, FILE_NAME), "a", 0o600);
        // Behind a line that was torn, a new one must not be lost with it.
        await file.writeFile("\n");
      }
      await file.writeFile(lineOf(line));
      unsynced++;
      if (!isUrgent && unsynced < SYNC_EVERY_PARTS) return;
      await file.datasync();
      unsynced = 0;
    });
    // A part whose note is lost is sent again by a later run; that is no reason to stop this one.
    last = last.catch(() => undefined);
    return last;
  };
  const close = async () => {
    await last;
    await file?.close().catch(() => undefined);
    file = null;
  };
  const forget = async () => {
    await close();
    // The lock lies in there: whoever comes now finds nothing to go on with.
    await rm(place, { recursive: true, force: true }).catch(() => undefined);
    lock.release();
  };
  return {
    kept,
    notes: {
      begun: async () => undefined,
      stored: ({ number, sizeBytes: size, sha256, proof }) =>
        append({ part: { number, sizeBytes: size, sha256, proof } }, false),
      sealing: (seal) => append({ seal }, true),
      over: forget,
    },
    forget,
    async release() {
      await close();
      lock.release();
    },
  };
}

async function lockOf(place: string): Promise<{ release(): void } | null> {
  // Only here, because few commands need a database.
  const { lockFolder } = await import("@safeconduct/sqlite");
  try {
    return lockFolder(place);
  } catch (error) {
    if (isProblem(error)) return null;
    throw error;
  }
}

async function writeWhole(place: string, lines: readonly object[]): Promise<void> {
  const path = join(place, FILE_NAME);
  const handle = await open(`${path}.new`, "w", 0o600);
  await handle.writeFile(lines.map(lineOf).join(""));
  await handle.sync();
  await handle.close();
  await rename(`${path}.new`, path);
}

const lineOf = (line: object): string =>
  `${JSON.stringify(line, (_, value: unknown) => (value instanceof Uint8Array ? base64UrlText(value) : value))}\n`;

function parseKept(text: string): KeptSending | null {
  const [first = "", ...rest] = text.split("\n");
  const beginning = begunLine.safeParse(parseJson(first));
  if (!beginning.success) return null;
  const { version: _, ...kept } = beginning.data;
  const parts: PartRecord[] = [];
  let seal: PreparedSeal | null = null;
  for (const line of rest) {
    const value = parseJson(line);
    const part = partLine.safeParse(value);
    if (part.success) parts.push(part.data.part);
    else seal = sealLine.safeParse(value).data?.seal ?? seal;
  }
  return { ...kept, parts, seal };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
