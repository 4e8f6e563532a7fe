/**
 * Pictures of DICOM files: the one that was opened at once, then the others of the transfer as they arrive, put together by series. Window,
 * place and series are the viewer's own; nothing is measured and nothing is written on the picture but the mark.
 */
import { type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { CannotShow, type FormatViewProps } from "../format-view.ts";
import { Stage } from "../stage.tsx";
import { texts } from "../texts.ts";
import { usePrepared } from "../use-prepared.ts";
import type { DicomHeader, Window } from "./header.ts";
import { type OpenStudy, openStudy } from "./study.ts";
import type { Series } from "./series.ts";
import { type FrameAnswer, Refused } from "./reader.ts";
import { CT_PRESETS, type CtPreset, dragged, drawGrey, firstWindow, wholeRange } from "./windowing.ts";

const words = texts.dicom;
type Tool = "window" | "move";
type Preset = "file" | "whole" | CtPreset;
const PRESETS = ["file", "whole", ...(Object.keys(CT_PRESETS) as CtPreset[])] as const;

export function DicomView(props: FormatViewProps): ReactElement {
  const study = usePrepared(
    () => openStudy(props),
    (made) => made.close(),
  );
  if (study === null) return <p className="viewer-wait">{words.opening}</p>;
  return <StudyView study={study} watermark={props.watermark} />;
}

function StudyView({ study, watermark }: { study: OpenStudy; watermark: FormatViewProps["watermark"] }): ReactElement {
  const { series, left, isCut } = useStudy(study);
  const [at, setAt] = useState({ uid: study.opened.uid, key: study.opened.key });
  const shownSeries = series.find(({ uid }) => uid === at.uid) ?? series[0];
  if (shownSeries === undefined) throw new CannotShow("damaged");
  const index = Math.max(
    0,
    shownSeries.slices.findIndex((slice) => keyOf(slice) === at.key),
  );
  const slice = shownSeries.slices[index];
  const count = shownSeries.slices.length;
  const go = (to: number): void => {
    const target = shownSeries.slices[Math.min(Math.max(to, 0), count - 1)];
    if (target !== undefined) setAt({ uid: shownSeries.uid, key: keyOf(target) });
  };
  const { answer, refusal } = useFrame(study, slice);
  const [tool, setTool] = useState<Tool>("window");
  const [chosen, setChosen] = useState<Window | null>(null);
  const [preset, setPreset] = useState<Preset>("file");
  const [isInverted, setInverted] = useState(false);
  const wheel = useRef(0);

  const header = answer?.header ?? shownSeries.header;
  const grey = answer?.frame.kind === "grey" ? answer.frame : null;
  const proposed = grey === null ? null : presetWindow(preset, header, grey);
  const window = chosen ?? proposed;
  const canvas = usePicture(answer, window, isInverted);
  const reset = (): void => {
    setChosen(null);
    setPreset("file");
    setInverted(false);
  };

  return (
    <>
      {(isCut || left > 0 || refusal !== null || answer?.isTruncated === true) && (
        <p className="viewer-note" role="status">
          {[
            refusal === null ? "" : words.refusals[refusal],
            answer?.isTruncated === true ? words.truncated : "",
            left > 0 ? words.arriving(left) : "",
            isCut ? words.cut : "",
          ]
            .filter((text) => text !== "")
            .join(" ")}
        </p>
      )}
      <Stage
        source={canvas}
        picture={{ width: header.columns, height: Math.round(header.rows * header.pixelRatio) }}
        label={words.label(index + 1, count, describe(header))}
        watermark={watermark}
        keys={words.keys}
        onDrag={
          tool === "window" && window !== null && proposed !== null
            ? (by) => setChosen((current) => dragged(current ?? window, by, proposed))
            : undefined
        }
        onWheel={
          count > 1
            ? (steps) => {
                wheel.current += steps;
                const whole = Math.trunc(wheel.current);
                if (whole === 0) return;
                wheel.current -= whole;
                go(index + whole);
              }
            : undefined
        }
        onKey={(key) => {
          const act = {
            ArrowUp: () => go(index - 1),
            ArrowDown: () => go(index + 1),
            PageUp: () => go(index - 10),
            PageDown: () => go(index + 10),
            Home: () => go(0),
            End: () => go(count - 1),
            i: () => setInverted(!isInverted),
            r: reset,
          }[key];
          act?.();
          return act !== undefined && (count > 1 || key === "i" || key === "r");
        }}
        tools={
          <>
            {series.length > 1 && (
              <select
                className="viewer-choice"
                aria-label={words.series}
                value={shownSeries.uid}
                onChange={(event) => {
                  const next = series.find(({ uid }) => uid === event.target.value);
                  const first = next?.slices[0];
                  if (next !== undefined && first !== undefined) setAt({ uid: next.uid, key: keyOf(first) });
                  setChosen(null);
                }}
              >
                {series.map((one) => (
                  <option key={one.uid} value={one.uid}>
                    {words.seriesOption(describe(one.header), one.slices.length)}
                  </option>
                ))}
              </select>
            )}
            {grey !== null && (
              <>
                <ToolChoice tool={tool} onTool={setTool} />
                <select
                  className="viewer-choice"
                  aria-label={words.window}
                  value={chosen === null ? preset : "own"}
                  onChange={(event) => {
                    const next = PRESETS.find((name) => name === event.target.value);
                    if (next === undefined) return;
                    setPreset(next);
                    setChosen(null);
                  }}
                >
                  {PRESETS.filter((name) => name === "file" || name === "whole" || header.modality === "CT").map(
                    (name) => (
                      <option key={name} value={name}>
                        {words.presets[name]}
                      </option>
                    ),
                  )}
                  {chosen !== null && <option value="own">{words.presets.own}</option>}
                </select>
                <button
                  type="button"
                  className="button quiet small"
                  aria-pressed={isInverted}
                  onClick={() => setInverted(!isInverted)}
                >
                  {words.invert}
                </button>
                <button type="button" className="button quiet small" onClick={reset}>
                  {words.reset}
                </button>
              </>
            )}
          </>
        }
        corner={
          <p className="stage-corner small">
            {describe(header)}
            {window !== null && (
              <>
                <br />
                {words.windowNow(Math.round(window.centre), Math.round(window.width))}
              </>
            )}
          </p>
        }
      />
      {count > 1 && (
        <div className="row viewer-slices">
          <input
            type="range"
            min={1}
            max={count}
            value={index + 1}
            aria-label={words.slider}
            onChange={(event) => go(Number(event.target.value) - 1)}
          />
          <span className="small" role="status">
            {words.at(index + 1, count)}
          </span>
        </div>
      )}
    </>
  );
}

function ToolChoice({ tool, onTool }: { tool: Tool; onTool: (tool: Tool) => void }): ReactElement {
  return (
    <>
      {(["window", "move"] as const).map((name) => (
        <button
          key={name}
          type="button"
          className="button quiet small"
          aria-pressed={tool === name}
          onClick={() => onTool(name)}
        >
          {words.tools[name]}
        </button>
      ))}
    </>
  );
}

const keyOf = ({ file, frame }: { file: string; frame: number }): string => `${file} ${frame}`;

/** `CT · Chest 1.0 · 2026-11-18` */
const describe = ({ modality, seriesDescription, date }: DicomHeader): string =>
  [modality, seriesDescription, date].filter((text) => text !== "").join(" · ") || words.unnamed;

function presetWindow(
  preset: Preset,
  header: DicomHeader,
  grey: Extract<FrameAnswer["frame"], { kind: "grey" }>,
): Window {
  if (preset === "file") return firstWindow(header, grey);
  return preset === "whole" ? wholeRange(header, grey) : CT_PRESETS[preset];
}

/** The study as it grows. */
function useStudy(study: OpenStudy): { series: readonly Series[]; left: number; isCut: boolean } {
  const [state, setState] = useState(study.state);
  useEffect(() => study.listen(setState), [study]);
  return state;
}

/** The frame of a slice; the one before stays until it is there. */
function useFrame(
  study: OpenStudy,
  slice: { readonly file: string; readonly frame: number } | undefined,
): { answer: FrameAnswer | null; refusal: Refused["why"] | null } {
  const [answer, setAnswer] = useState<FrameAnswer | null>(study.opened.answer);
  const [refusal, setRefusal] = useState<Refused["why"] | null>(study.opened.refusal);
  const file = slice?.file;
  const frame = slice?.frame;
  useEffect(() => {
    if (file === undefined || frame === undefined) return undefined;
    let gone = false;
    study.frame(file, frame).then(
      (got) => {
        if (gone) return;
        setAnswer(got);
        setRefusal(null);
      },
      (error: unknown) => {
        if (gone) return;
        setAnswer(null);
        setRefusal(error instanceof Refused ? error.why : "damaged");
      },
    );
    return () => {
      gone = true;
    };
  }, [file, frame, study]);
  return { answer, refusal };
}

/** The frame in colours of the screen, in a canvas of its own that is never in the page. */
function usePicture(answer: FrameAnswer | null, window: Window | null, isInverted: boolean): HTMLCanvasElement | null {
  const [canvas] = useState(() => document.createElement("canvas"));
  useEffect(
    () => () => {
      canvas.width = 0;
    },
    [canvas],
  );
  const [centre, width] = [window?.centre ?? 0, window?.width ?? 1];
  // Painted while rendering, because the stage draws from it right after.
  return useMemo(() => {
    if (answer === null) return null;
    paint(canvas, answer, { centre, width }, isInverted);
    return canvas;
  }, [canvas, answer, centre, width, isInverted]);
}

function paint(canvas: HTMLCanvasElement, { frame, header }: FrameAnswer, window: Window, isInverted: boolean): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  canvas.width = header.columns;
  canvas.height = header.rows;
  const image = context.createImageData(header.columns, header.rows);
  if (frame.kind === "colour") image.data.set(frame.pixels);
  else drawGrey(image.data, frame, { header, window, isInverted });
  context.putImageData(image, 0, 0);
}
