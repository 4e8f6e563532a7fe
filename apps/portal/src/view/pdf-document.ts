/**
 * A PDF through pdf.js: parsed in a worker, drawn into canvases. Of what a PDF can hold, only pages are asked for: no scripts, forms,
 * annotations, attachments or links. Fonts are drawn as shapes, so the browser's own font code sees none of them.
 */
import type { Bytes } from "@safeconduct/foundation";
import { getDocument, PDFWorker, version, type PDFDocumentProxy } from "pdfjs-dist";
// The bundler gives such an import its default, the address of the worker's file.
// oxlint-disable-next-line import/default
import pdfWorker from "./pdf-worker.ts?worker&url";
import { workerAddress } from "../elements/worker-address.ts";
import { after, network } from "../platform.ts";
import { CannotShow } from "./format-view.ts";
import { PIXEL_LIMIT } from "./image-size.ts";

/** Pages of one file. */
const PAGE_LIMIT = 5000;
/** A file that is not open by then is made to take long. */
const OPEN_LIMIT_MS = 60_000;
const BYTES_PER_PIXEL = 4;

export interface OpenPdf {
  readonly document: PDFDocumentProxy;
  /** Ends the worker, whatever it does. */
  readonly close: () => void;
}

/** Throws CannotShow. */
export async function openPdf(content: Bytes): Promise<OpenPdf> {
  const port = new Worker(workerAddress(pdfWorker), { type: "module" });
  const worker = PDFWorker.create({ port });
  const task = getDocument({
    // The worker takes it over; the viewer keeps its own.
    data: content.slice(),
    worker,
    BinaryDataFactory: PdfData,
    // Only that there is one counts; the factory knows the place.
    cMapUrl: "/",
    standardFontDataUrl: "/",
    wasmUrl: "/",
    useWorkerFetch: false,
    disableWorkerRendering: true,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    maxImageSize: PIXEL_LIMIT,
    canvasMaxAreaInBytes: PIXEL_LIMIT * BYTES_PER_PIXEL,
    // Errors only.
    verbosity: 0,
  });
  const close = (): void => {
    void task.destroy().catch(() => undefined);
    worker.destroy();
    port.terminate();
  };
  let callOff = nothing;
  const tooLong = new Promise<never>((_, reject) => {
    callOff = after(OPEN_LIMIT_MS, () => reject(new CannotShow("stopped")));
  });
  try {
    const document = await Promise.race([task.promise, tooLong]);
    if (document.numPages < 1 || document.numPages > PAGE_LIMIT) throw new CannotShow("damaged");
    return { document, close };
  } catch (error) {
    close();
    if (error instanceof CannotShow) throw error;
    throw new CannotShow(isLocked(error) ? "locked" : "damaged");
  } finally {
    callOff();
  }
}

const nothing = (): void => undefined;

const isLocked = (error: unknown): boolean => error instanceof Error && error.name === "PasswordException";

/** What pdf.js brings along: maps of characters, standard fonts, decoders. Which of them, a hostile file says. */
class PdfData {
  async fetch({ filename }: { filename: string }): Promise<Uint8Array> {
    if (!/^[\w.-]+$/u.test(filename)) throw new Error("no such data");
    const answer = await network(`/assets/pdfjs-${version}-${filename}`);
    if (!answer.ok) throw new Error("no such data");
    return new Uint8Array(await answer.arrayBuffer());
  }
}
