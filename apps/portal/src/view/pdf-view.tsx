/** A PDF page below page, each drawn when it comes near the window and forgotten when it is far, with the watermark in its pixels. */
import type { PDFPageProxy, RenderTask } from "pdfjs-dist";
import { memo, type ReactElement, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import type { FormatViewProps } from "./format-view.ts";
import { type OpenPdf, openPdf } from "./pdf-document.ts";
import { PAGE_WIDTH_LIMIT, pageSize, type PageSize, textOfPage } from "./pdf-page.ts";
import { texts } from "./texts.ts";
import { useKeys } from "./use-keys.ts";
import { usePrepared } from "./use-prepared.ts";
import { drawWatermark, type Watermark } from "./watermark.ts";

const words = texts.pdf;
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4] as const;
const FITTED = ZOOMS.indexOf(1);
/** Around the pages. */
const MARGIN_PIXELS = 16;

export function PdfView({ name, content, watermark, mayKeep }: FormatViewProps): ReactElement {
  const open = usePrepared(
    () => openPdf(content),
    ({ close }) => close(),
  );
  const pane = useRef<HTMLElement>(null);
  const width = useWidth(pane);
  const [zoom, setZoom] = useState<number>(FITTED);
  const [page, setPage] = useState(1);
  const count = open?.document.numPages ?? 0;

  const turn = (to: number): void => {
    const target = Math.min(Math.max(to, 1), count);
    pane.current?.querySelector(`[data-page="${target}"]`)?.scrollIntoView({ block: "start" });
  };
  const enlarge = (steps: number): void => setZoom((at) => Math.min(Math.max(at + steps, 0), ZOOMS.length - 1));
  useKeys((key) => {
    const act = {
      "+": () => enlarge(1),
      "=": () => enlarge(1),
      "-": () => enlarge(-1),
      "0": () => setZoom(FITTED),
      ArrowRight: () => turn(page + 1),
      ArrowLeft: () => turn(page - 1),
      PageDown: () => turn(page + 1),
      PageUp: () => turn(page - 1),
      Home: () => turn(1),
      End: () => turn(count),
    }[key];
    act?.();
    return act !== undefined;
  });

  return (
    <>
      <div className="row viewer-tools" role="group" aria-label={texts.stage.tools}>
        <button type="button" className="button quiet small" aria-disabled={page <= 1} onClick={() => turn(page - 1)}>
          <span aria-hidden="true">↑</span>
          <span className="visually-hidden">{texts.pages.previous}</span>
        </button>
        <span className="small" role="status">
          {texts.pages.at(page, Math.max(count, 1))}
        </span>
        <button
          type="button"
          className="button quiet small"
          aria-disabled={page >= count}
          onClick={() => turn(page + 1)}
        >
          <span aria-hidden="true">↓</span>
          <span className="visually-hidden">{texts.pages.next}</span>
        </button>
        <button type="button" className="button quiet small" onClick={() => enlarge(-1)}>
          <span aria-hidden="true">−</span>
          <span className="visually-hidden">{texts.stage.smaller}</span>
        </button>
        <span className="zoom small">{texts.stage.percent((ZOOMS[zoom] ?? 1) * 100)}</span>
        <button type="button" className="button quiet small" onClick={() => enlarge(1)}>
          <span aria-hidden="true">+</span>
          <span className="visually-hidden">{texts.stage.larger}</span>
        </button>
      </div>
      {/* Focusable, so that the keyboard scrolls it (WCAG 2.1.1). */}
      <section
        ref={pane}
        className={mayKeep ? "pdf-pages" : "pdf-pages view-only"}
        aria-label={words.label(name)}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {open === null && <p role="status">{words.opening}</p>}
        {open !== null && width > 0 && (
          <PdfPages
            open={open}
            width={Math.min(width - 2 * MARGIN_PIXELS, PAGE_WIDTH_LIMIT) * (ZOOMS[zoom] ?? 1)}
            watermark={watermark}
            onPage={setPage}
          />
        )}
      </section>
      <p className="soft small stage-keys">{words.keys}</p>
    </>
  );
}

interface PdfPagesProps {
  readonly open: OpenPdf;
  /** CSS pixels. */
  readonly width: number;
  readonly watermark: Watermark;
  readonly onPage: (page: number) => void;
}

/** Kept as it is while pages are turned: there may be thousands. */
const PdfPages = memo(function PdfPages({ open, width, watermark, onPage }: PdfPagesProps): ReactElement {
  const numbers = Array.from({ length: open.document.numPages }, (_, index) => index + 1);
  return (
    <>
      {numbers.map((number) => (
        <PdfPage key={number} number={number} open={open} width={width} watermark={watermark} onPage={onPage} />
      ))}
    </>
  );
});

/** As A4, until the page says otherwise. */
const UNKNOWN_PAGE = { width: 210, height: 297 };

function PdfPage({
  number,
  open,
  width,
  watermark,
  onPage,
}: Omit<PdfPagesProps, "open"> & { number: number; open: OpenPdf }): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const isNear = useNear(frame, () => onPage(number));
  const [page, setPage] = useState<PDFPageProxy | null>(null);
  const [failed, setFailed] = useState(false);
  const [text, setText] = useState("");
  const view = page?.getViewport({ scale: 1 }) ?? UNKNOWN_PAGE;
  const size = pageSize(view, width, devicePixelRatio);

  useEffect(() => {
    if (!isNear || page !== null) return undefined;
    let gone = false;
    open.document.getPage(number).then(
      (got) => {
        if (!gone) setPage(got);
      },
      () => {
        if (!gone) setFailed(true);
      },
    );
    return () => {
      gone = true;
    };
  }, [isNear, number, open, page]);

  useEffect(() => {
    if (page === null || !isNear) return undefined;
    let gone = false;
    void textOfPage(page).then((got) => {
      if (!gone) setText(got);
    });
    return () => {
      gone = true;
    };
  }, [page, isNear]);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    element.style.width = `${size.width}px`;
    element.style.height = `${size.height}px`;
  }, [size.width, size.height]);

  return (
    <div ref={frame} className="pdf-page" data-page={number}>
      {failed && <p className="viewer-note">{words.pageFailed}</p>}
      {isNear && page !== null && !failed && (
        <PdfCanvas
          page={page}
          size={size}
          watermark={watermark}
          label={words.page(number)}
          onFailed={() => setFailed(true)}
        />
      )}
      {isNear && text !== "" && <p className="visually-hidden">{text}</p>}
    </div>
  );
}

/** One drawing of one page in one size; another size is another drawing. */
function PdfCanvas({
  page,
  size,
  watermark,
  label,
  onFailed,
}: {
  page: PDFPageProxy;
  size: PageSize;
  watermark: Watermark;
  label: string;
  onFailed: () => void;
}): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const fail = useEffectEvent(onFailed);
  const { density, width, height, scale } = size;
  useEffect(() => {
    const shown = canvas.current;
    const context = shown?.getContext("2d");
    if (!shown || !context) return undefined;
    // Drawn aside and shown in one piece with its mark: pdf.js draws in many steps.
    const aside = document.createElement("canvas");
    aside.width = Math.max(1, Math.round(width * density));
    aside.height = Math.max(1, Math.round(height * density));
    const task: RenderTask = page.render({
      canvas: aside,
      viewport: page.getViewport({ scale: scale * density }),
      // Neither forms nor notes: what is drawn is the page.
      annotationMode: 0,
      background: "#ffffff",
    });
    let gone = false;
    task.promise.then(
      () => {
        if (gone) return;
        shown.width = aside.width;
        shown.height = aside.height;
        context.drawImage(aside, 0, 0);
        drawWatermark(context, watermark, { width, height, density });
        aside.width = 0;
      },
      () => {
        if (!gone) fail();
      },
    );
    return () => {
      gone = true;
      task.cancel();
      aside.width = 0;
    };
  }, [page, density, width, height, scale, watermark]);
  useLayoutEffect(() => {
    const shown = canvas.current;
    return () => {
      if (shown !== null) shown.width = 0;
    };
  }, []);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}

/** Whether the element is within a window's height of the window. `onReached` when it takes the middle of it. */
function useNear(element: { readonly current: HTMLElement | null }, onReached: () => void): boolean {
  const [isNear, setNear] = useState(false);
  const reached = useEffectEvent(onReached);
  useEffect(() => {
    const watched = element.current;
    if (watched === null) return undefined;
    const root = watched.parentElement;
    const near = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting === true), {
      root,
      rootMargin: "100% 0px",
    });
    const middle = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) reached();
      },
      { root, rootMargin: "-45% 0px -45% 0px" },
    );
    near.observe(watched);
    middle.observe(watched);
    return () => {
      near.disconnect();
      middle.disconnect();
    };
  }, [element]);
  return isNear;
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const watched = element.current;
    if (watched === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(watched.clientWidth));
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
