/**
 * The window onto a picture: drawn into one canvas together with the watermark, moved and enlarged by mouse, touch and keys. The
 * picture itself never becomes an element, so what can be copied out of the page carries the mark.
 */
import { type ReactElement, type ReactNode, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { texts } from "./texts.ts";
import { useKeys } from "./use-keys.ts";
import { fitted, panned, type Size, type Viewport, zoomed, ZOOM_STEP } from "./viewport.ts";
import { drawWatermark, type Watermark } from "./watermark.ts";

const words = texts.stage;
/** Of one press of an arrow. */
const PAN_PIXELS = 60;
/** Of a wheel that counts in pixels, for one step. */
const WHEEL_STEP_PIXELS = 60;
/** From here on single pixels are shown as squares, as people who measure expect. */
const SQUARES_FROM_SCALE = 4;

export interface StageProps {
  readonly source: CanvasImageSource | null;
  /** As it is shown at 100 %, which differs from the source where pixels are not square. */
  readonly picture: Size;
  readonly label: string;
  readonly watermark: Watermark;
  /** What dragging does instead of moving; in pixels of the window. */
  readonly onDrag?: ((by: { x: number; y: number }) => void) | undefined;
  /** What the wheel does instead of enlarging. */
  readonly onWheel?: ((steps: number) => void) | undefined;
  /** Other keys than those for size and place. Answers whether the key was meant. */
  readonly onKey?: ((key: string) => boolean) | undefined;
  /** Before and after the tools of every stage. */
  readonly tools?: ReactNode;
  /** Over a corner of the picture. */
  readonly corner?: ReactNode;
  readonly keys?: string;
}

export function Stage(props: StageProps): ReactElement {
  const { source, picture, label, watermark, tools, corner, keys = words.keys } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [window, setWindow] = useState<Size>({ width: 0, height: 0 });
  // Null: fitted, whatever the window becomes.
  const [chosen, setChosen] = useState<Viewport | null>(null);
  const ready = window.width > 0 && window.height > 0;
  const viewport = chosen ?? (ready ? fitted(picture, window) : { scale: 1, x: 0, y: 0 });

  const zoom = (factor: number, at = { x: window.width / 2, y: window.height / 2 }): void =>
    setChosen((current) => zoomed(current ?? viewport, { factor, ...at, picture, window }));
  const pan = (x: number, y: number): void =>
    setChosen((current) => panned(current ?? viewport, { x, y }, picture, window));

  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      const { width, height } = element.getBoundingClientRect();
      setWindow((known) => (known.width === width && known.height === height ? known : { width, height }));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      // Its pixels go with it, at once.
      element.width = 0;
      element.height = 0;
    };
  }, []);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !ready) return;
    draw(context, { source, picture, window, viewport, watermark });
  });

  useKeys((key) => {
    if (props.onKey?.(key) === true) return true;
    const act = KEYS[key];
    act?.({ zoom, pan, fit: () => setChosen(null) });
    return act !== undefined;
  });
  usePointers(canvas, { zoom, drag: (by) => (props.onDrag ? props.onDrag(by) : pan(by.x, by.y)), pan });
  useWheel(canvas, (steps, at, isPinch) => {
    if (props.onWheel && !isPinch) props.onWheel(steps);
    else zoom(ZOOM_STEP ** -steps, at);
  });

  return (
    <>
      <div className="row viewer-tools" role="group" aria-label={words.tools}>
        {tools}
        <button type="button" className="button quiet small" onClick={() => zoom(1 / ZOOM_STEP)}>
          <span aria-hidden="true">−</span>
          <span className="visually-hidden">{words.smaller}</span>
        </button>
        <span className="zoom small" role="status">
          {words.percent(Math.round(viewport.scale * 100))}
        </span>
        <button type="button" className="button quiet small" onClick={() => zoom(ZOOM_STEP)}>
          <span aria-hidden="true">+</span>
          <span className="visually-hidden">{words.larger}</span>
        </button>
        <button type="button" className="button quiet small" onClick={() => setChosen(null)}>
          {words.fit}
        </button>
      </div>
      <div className="stage">
        <canvas ref={canvas} role="img" aria-label={label} />
        {corner}
      </div>
      <p className="soft small stage-keys">{keys}</p>
    </>
  );
}

interface Moves {
  readonly zoom: (factor: number, at?: { x: number; y: number }) => void;
  readonly pan: (x: number, y: number) => void;
  readonly fit: () => void;
}

const KEYS: Readonly<Record<string, (moves: Moves) => void>> = {
  "+": ({ zoom }) => zoom(ZOOM_STEP),
  "=": ({ zoom }) => zoom(ZOOM_STEP),
  "-": ({ zoom }) => zoom(1 / ZOOM_STEP),
  "0": ({ fit }) => fit(),
  ArrowLeft: ({ pan }) => pan(PAN_PIXELS, 0),
  ArrowRight: ({ pan }) => pan(-PAN_PIXELS, 0),
  ArrowUp: ({ pan }) => pan(0, PAN_PIXELS),
  ArrowDown: ({ pan }) => pan(0, -PAN_PIXELS),
};

function draw(
  context: CanvasRenderingContext2D,
  {
    source,
    picture,
    window,
    viewport,
    watermark,
  }: {
    source: CanvasImageSource | null;
    picture: Size;
    window: Size;
    viewport: Viewport;
    watermark: Watermark;
  },
): void {
  const density = devicePixelRatio;
  const { canvas } = context;
  const [width, height] = [Math.round(window.width * density), Math.round(window.height * density)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, window.width, window.height);
  context.imageSmoothingEnabled = viewport.scale < SQUARES_FROM_SCALE;
  context.imageSmoothingQuality = "high";
  const { x, y, scale } = viewport;
  if (source !== null) context.drawImage(source, x, y, picture.width * scale, picture.height * scale);
  drawWatermark(context, watermark, { ...window, density });
}

interface PointerActs {
  readonly zoom: Moves["zoom"];
  readonly pan: Moves["pan"];
  readonly drag: (by: { x: number; y: number }) => void;
}

/** One finger or the mouse drags; two fingers move and enlarge. */
function usePointers(canvas: { readonly current: HTMLCanvasElement | null }, acts: PointerActs): void {
  const act = useEffectEvent((run: (acts: PointerActs) => void) => run(acts));
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const held = new Map<number, { x: number; y: number }>();
    const down = (event: PointerEvent): void => {
      element.setPointerCapture(event.pointerId);
      held.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    };
    const move = (event: PointerEvent): void => {
      const before = held.get(event.pointerId);
      if (before === undefined) return;
      const at = { x: event.offsetX, y: event.offsetY };
      const by = { x: at.x - before.x, y: at.y - before.y };
      held.set(event.pointerId, at);
      const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
      if (other === undefined) return act(({ drag }) => drag(by));
      const grown = Math.hypot(at.x - other.x, at.y - other.y) / Math.max(1, distance(before, other));
      const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
      act(({ zoom, pan }) => {
        pan(by.x / 2, by.y / 2);
        zoom(grown, middle);
      });
    };
    const up = (event: PointerEvent): void => void held.delete(event.pointerId);
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", up);
    };
  }, [canvas]);
}

const distance = (from: { x: number; y: number }, to: { x: number; y: number }): number =>
  Math.hypot(from.x - to.x, from.y - to.y);

function useWheel(
  canvas: { readonly current: HTMLCanvasElement | null },
  onSteps: (steps: number, at: { x: number; y: number }, isPinch: boolean) => void,
): void {
  const act = useEffectEvent(onSteps);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_STEP_PIXELS;
      // A pinch on a touchpad comes as a wheel with Ctrl.
      act(pixels / WHEEL_STEP_PIXELS, { x: event.offsetX, y: event.offsetY }, event.ctrlKey);
    };
    // React's own listeners for the wheel are passive and cannot keep the page from scrolling.
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [canvas]);
}
