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

/** Bytes of the window from `offset` on; none where it lies elsewhere. */
const restFrom = ({ offset: start, bytes }: Window, offset: number): number =>
  offset < start ? 0 : Math.max(0, start + bytes.length - offset);

const pieceOf = ({ offset: start, bytes }: Window, offset: number, length: number): Bytes =>
  bytes.subarray(offset - start, offset - start + length);
