/** The body of a part on its way out. fetch copies bytes whole before it sends them; piece by piece they go from where they stand. */

const PIECE_BYTES = 256 * 1024;

/** `init`, with a body of bytes as a stream over the same memory, which must stay as it is until the answer. */
export function inPieces(init: RequestInit | undefined): RequestInit | undefined {
  if (!(init?.body instanceof Uint8Array)) return init;
  // A half-duplex stream, as the Fetch standard wants it said; the type of Node does not know the member.
  const streaming: RequestInit & { duplex: "half" } = {
    ...init,
    body: pieceStream(init.body),
    duplex: "half",
  };
  return streaming;
}

function pieceStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + PIECE_BYTES));
      else controller.close();
      at += PIECE_BYTES;
    },
  });
}
