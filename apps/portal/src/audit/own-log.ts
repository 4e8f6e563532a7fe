/** The log of this page's own server: read over its public paths, judged by what this browser remembers. */
import { boundedBody } from "@safeconduct/contract";
import { type CryptoPorts, utf8Text } from "@safeconduct/foundation";
import {
  ENTRY_LIMIT_BYTES,
  NOTE_LIMIT_CHARACTERS,
  openCheckpoint,
  parseVerifierKey,
  TILE_WIDTH,
} from "@safeconduct/ledger";
import { useEffect, useState } from "react";
import { useInstance } from "../elements/instance.ts";
import { network, now } from "../platform.ts";
import { browserMemory } from "./log-memory.ts";
import { judgeLog, type LogVerdict } from "./log-trust.ts";

const TILE_LIMIT_BYTES = TILE_WIDTH * (ENTRY_LIMIT_BYTES + 2);

let loading: Promise<CryptoPorts> | null = null;

/** Fetched once, with the first proof. */
export function cryptoPorts(): Promise<CryptoPorts> {
  loading ??= import("@safeconduct/crypto-web").then(({ loadWebCrypto }) => loadWebCrypto());
  return loading;
}

async function readBytes(path: string, limitBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const response = await network(`/ledger/${path}`, { redirect: "error", credentials: "omit" });
    return response.ok ? await boundedBody(response, limitBytes) : null;
  } catch {
    return null;
  }
}

async function readNote(path: string): Promise<string | null> {
  const bytes = await readBytes(path, 3 * NOTE_LIMIT_CHARACTERS);
  return bytes && utf8Text(bytes);
}

/** `verifierKey` as the server says it. */
export async function judgeOwnLog(verifierKey: string): Promise<LogVerdict> {
  const shown = {
    verifierKey,
    readCheckpoint: () => readNote("checkpoint"),
    readTile: (path: string) => readBytes(path, TILE_LIMIT_BYTES),
  };
  return judgeLog(await cryptoPorts(), shown, { memory: browserMemory, now: now() });
}

export interface Cosignature {
  readonly name: string;
  readonly size: number;
  /** When the witness saw it, in milliseconds since the Unix epoch; null where it did not say. */
  readonly at: number | null;
}

/** Cosignatures that verify, of the witnesses that the server names, on the newest witnessed state and the newest of all. */
export async function readCosignatures(
  { logKey }: Extract<LogVerdict, { believed: true }>,
  witnessKeys: readonly string[],
): Promise<readonly Cosignature[]> {
  const { sha256, signatures } = await cryptoPorts();
  const witnesses = witnessKeys.flatMap((text) => parseVerifierKey(sha256, text) ?? []);
  const newest = new Map<string, Cosignature>();
  for (const path of ["checkpoint.witnessed", "checkpoint"]) {
    const text = witnesses.length === 0 ? null : await readNote(path);
    const opened = text === null ? null : await openCheckpoint(signatures, text, { logKey, witnesses });
    for (const { key, timestamp } of opened?.witnesses ?? []) {
      const size = opened?.checkpoint.size ?? 0;
      newest.set(key.name, { name: key.name, size, at: timestamp === null ? null : timestamp * 1000 });
    }
  }
  return [...newest.values()];
}

/** Null while it is judged. `judge` judges again: after entries were found, so that the state is newer than they. */
export function useOwnLog(): { readonly verdict: LogVerdict | null; readonly judge: () => void } {
  const verifierKey = useInstance()?.ledger.verifierKey ?? null;
  const [verdict, setVerdict] = useState<LogVerdict | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (verifierKey === null) return undefined;
    let stopped = false;
    judgeOwnLog(verifierKey).then(
      (judged) => {
        if (!stopped) setVerdict(judged);
      },
      (thrown: unknown) => {
        reportError(thrown);
        if (!stopped) setVerdict({ believed: false, refusal: "unreachable", remembered: null });
      },
    );
    return () => {
      stopped = true;
    };
  }, [verifierKey, round]);
  return { verdict, judge: () => setRound((count) => count + 1) };
}
