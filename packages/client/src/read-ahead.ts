/**
 * Ranges of a blob that is read from its beginning to its end: while one window is decrypted the next is fetched, and the
 * small files of a window come with one request. Whoever wants a single file reads without it: it fetches more than asked.
 */
import type { ReadBlobRange } from "@safeconduct/envelope";
import type { Bytes } from "@safeconduct/foundation";

/** Two of these are in memory, besides what was asked for last. */
const WINDOW_BYTES = 4 * 1024 * 1024;

interface Window {
  readonly offset: number;
  readonly bytes: Bytes;
  readonly memory: Bytes;
}

/**
 * `read`, with windows up to `endOffset`; what reaches behind it is fetched as asked. One call at a time. The memory of an
 * answer is used again at the next call.
 */
export function readAhead(read: ReadBlobRange, endOffset: number, windowBytes = WINDOW_BYTES): ReadBlobRange {
  let held: Window | null = null;
  let coming: { readonly offset: number; readonly window: Promise<Window> } | null = null;
  let joinedMemory: Bytes = new Uint8Array(0);

  const fetchWindow = (offset: number, given: Bytes | undefined) => {
    const length = Math.min(windowBytes, endOffset - offset);
    const memory = given ?? new Uint8Array(Math.min(windowBytes, endOffset));
    const window = read(offset, length, memory.subarray(0, length)).then((bytes) => ({ offset, bytes, memory }));
    // Whoever waits for it hears of a failure; a reader that stops early does not.
    window.catch(() => undefined);
    return { offset, window };
  };
  /** Holds the window that begins at `offset` and sends for the one behind it. */
  const advance = async (offset: number): Promise<Window> => {
    const awaited = coming?.offset === offset ? coming : fetchWindow(offset, undefined);
    coming = null;
    const next = await awaited.window;
    const behind = offset + next.bytes.length;
    if (next.bytes.length > 0 && behind < endOffset) coming = fetchWindow(behind, held?.memory);
    held = next;
    return next;
  };
  return async (offset, length) => {
    if (length === 0 || offset + length > endOffset) return read(offset, length);
    // Sent for as one piece with what follows, so that a range that begins with a window is not copied.
    let window: Window = held !== null && restFrom(held, offset) > 0 ? held : await advance(offset);
    if (restFrom(window, offset) >= length) return pieceOf(window, offset, length);
    if (joinedMemory.length < length) joinedMemory = new Uint8Array(length);
    const joined = joinedMemory.subarray(0, length);
    let filled = 0;
    for (;;) {
      const piece = pieceOf(window, offset + filled, length - filled);
      joined.set(piece, filled);
      filled += piece.length;
      // A window that is shorter than it should be: what is there is given, and its length tells.
      if (filled === length || piece.length === 0) return joined.subarray(0, filled);
      window = await advance(offset + filled);
    }
  };
}

/** From here on a range is one of many of a large file. */
const AHEAD_FROM_BYTES = 3 * 1024 * 1024;
/** Ranges' memory that is kept for the next ones: left to the collector it piles up, half a hundred megabytes of it. */
const SPARE_LIMIT = 2;

/**
 * `read` for somebody who may read anything, also several files at once: while a long range is decrypted, the one behind it is fetched, up
 * to `endOffset`. Where nobody asks for that one it is forgotten: of each large file at most one range is fetched in vain. `giveBack` takes a
 * range that nobody looks at any more.
 */
export function nextAhead(
  read: ReadBlobRange,
  endOffset: number,
  fromBytes = AHEAD_FROM_BYTES,
): { readRange: ReadBlobRange; giveBack: (range: Bytes) => void } {
  const spare: ArrayBuffer[] = [];
  /** Fresh or used memory of this length; of a short range always fresh. */
  const memoryFor = (length: number): Bytes | undefined => {
    if (length < fromBytes) return undefined;
    const at = spare.findIndex(({ byteLength }) => byteLength >= length);
    const [used] = at < 0 ? [] : spare.splice(at, 1);
    return used === undefined ? undefined : new Uint8Array(used, 0, length);
  };
  let coming: { readonly offset: number; readonly length: number; readonly bytes: Promise<Bytes> } | null = null;
  const fetchAhead = (offset: number, length: number): void => {
    const range = { offset, length, bytes: read(offset, length, memoryFor(length)) };
    coming = range;
    // Whoever waits for it hears of a failure; whoever comes later asks anew.
    range.bytes.catch(() => {
      if (coming === range) coming = null;
    });
  };
  const readRange: ReadBlobRange = async (offset, length) => {
    const expected = coming?.offset === offset && coming.length >= length ? coming : null;
    if (expected !== null) coming = null;
    const bytes = expected === null ? await read(offset, length, memoryFor(length)) : await expected.bytes;
    const next = offset + length;
    const nextLength = Math.min(length, endOffset - next);
    if (length >= fromBytes && nextLength > 0) fetchAhead(next, nextLength);
    return bytes.length > length ? bytes.subarray(0, length) : bytes;
  };
  return {
    readRange,
    giveBack({ buffer, length }) {
      if (length >= fromBytes && spare.length < SPARE_LIMIT) spare.push(buffer);
    },
  };
}

/** Bytes of the window from `offset` on; none where it lies elsewhere. */
const restFrom = ({ offset: start, bytes }: Window, offset: number): number =>
  offset < start ? 0 : Math.max(0, start + bytes.length - offset);

const pieceOf = ({ offset: start, bytes }: Window, offset: number, length: number): Bytes =>
  bytes.subarray(offset - start, offset - start + length);
