/**
 * The worker that reads DICOM files: their lengths, tables and compressed pictures are an attacker's, and whatever they do, they do apart
 * from the page and can be ended. It keeps nothing between two requests but the codecs.
 */
import { type CodecName, decodedFrame, UnknownCompression } from "./codecs.ts";
import { NotDicom, readDataSet } from "./data-set.ts";
import { readHeader } from "./header.ts";
import type { FromDicomWorker, ToDicomWorker } from "./messages.ts";
import { storedFrame } from "./pixels.ts";

const waiting = new Map<CodecName, (wasm: ArrayBuffer) => void>();

function ask(name: CodecName): Promise<ArrayBuffer> {
  return new Promise((resolve) => {
    waiting.set(name, resolve);
    send({ kind: "codec-wanted", name });
  });
}

function send(message: FromDicomWorker, transfer: Transferable[] = []): void {
  // A worker has no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  postMessage(message, { transfer });
}

addEventListener("message", ({ data: message }: MessageEvent<ToDicomWorker>) => {
  if (message.kind === "codec") waiting.get(message.name)?.(message.wasm);
  else void answer(message);
});

async function answer({ id, content, frame }: Extract<ToDicomWorker, { kind: "read" }>): Promise<void> {
  try {
    const data = readDataSet(content);
    const header = readHeader(data);
    if (frame === null) return send({ kind: "header", id, header });
    const decoded = await decodedFrame(storedFrame(content, data, header, frame), { data, header, ask });
    const isTruncated = data.pixelData?.isTruncated === true;
    const { buffer } = decoded.kind === "grey" ? decoded.values : decoded.pixels;
    send({ kind: "frame", id, header, frame: decoded, isTruncated }, [buffer as ArrayBuffer]);
  } catch (error) {
    const why =
      error instanceof UnknownCompression ? "compression" : error instanceof NotDicom ? "not-dicom" : "damaged";
    send({ kind: "refused", id, why });
  }
}
