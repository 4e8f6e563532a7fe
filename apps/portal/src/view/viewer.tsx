/**
 * The viewer over the whole window: fetches one file, has it checked, and gives it to the drawing of its kind. A native dialog, so
 * that the page behind is out of reach and Escape leads back. When it goes, nothing of the file stays in the page.
 */
import type { Bytes, Problem } from "@safeconduct/foundation";
import type { ManifestFile } from "@safeconduct/envelope";
import {
  Component,
  type ComponentType,
  type ReactElement,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { Breakable } from "../elements/breakable.tsx";
import { now } from "../platform.ts";
import type { ReadProgress, ReadWhole } from "../receive/whole-reads.ts";
import { CannotShow, type FormatViewProps, type Reason } from "./format-view.ts";
import { FORMATS } from "./formats.ts";
import { kindByContent, namedKind, VIEW_LIMITS_BYTES } from "./kinds.ts";
import { texts } from "./texts.ts";
import { useBackButton } from "./use-back-button.ts";
import "./view.css";
import type { Watermark } from "./watermark.ts";
import { dates, size } from "../elements/words.ts";

export interface ViewerProps {
  readonly file: ManifestFile;
  /** All of the transfer. */
  readonly files: readonly ManifestFile[];
  readonly readWhole: ReadWhole;
  readonly problemOf: (thrown: unknown) => Problem;
  readonly address: string;
  /** Null where the sender allows viewing only. */
  readonly onDownload: (() => void) | null;
  readonly onProblem: (problem: Problem) => void;
  readonly onClose: () => void;
}

type Step =
  | { readonly name: "reading"; readonly progress: ReadProgress }
  | { readonly name: "shown"; readonly view: ComponentType<FormatViewProps>; readonly content: Bytes }
  | { readonly name: "cannot"; readonly reason: Reason }
  | { readonly name: "failed"; readonly problem: Problem };

export function Viewer(props: ViewerProps): ReactElement {
  const { file, address, onDownload, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  const [watermark] = useState<Watermark>(() => ({ address, time: dates.short(now()) }));
  const [saving, setSaving] = useState(false);
  const step = useStep(props);

  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  useBackButton(onClose);
  useGoneWithPage(onClose);

  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={onClose}
    >
      <header className="viewer-head">
        <button type="button" className="button quiet small" onClick={onClose}>
          <span aria-hidden="true">←</span> {texts.back}
        </button>
        <h2 id={heading}>
          <Breakable text={name} />
        </h2>
        {onDownload !== null && (
          <button
            type="button"
            className="button small"
            aria-label={texts.downloadLabel(name)}
            aria-disabled={saving}
            onClick={() => {
              if (saving) return;
              setSaving(true);
              onDownload();
            }}
          >
            {texts.download}
          </button>
        )}
      </header>
      <div className="viewer-body">
        <ViewBoundary mayDownload={onDownload !== null}>
          <StepView
            step={step}
            name={name}
            file={file}
            files={props.files}
            readWhole={props.readWhole}
            watermark={watermark}
            mayKeep={onDownload !== null}
          />
        </ViewBoundary>
      </div>
      <footer className="viewer-foot soft small">
        {saving && <p role="status">{texts.downloadStarted}</p>}
        <p>{onDownload === null ? texts.markedViewOnly : texts.markedKept}</p>
      </footer>
      <p className="viewer-print">{onDownload === null ? texts.printViewOnly : texts.printKept}</p>
    </dialog>
  );
}

/** Reads the file and loads its drawing side by side. */
function useStep({ file, readWhole, problemOf, onProblem }: ViewerProps): Step {
  const [step, setStep] = useState<Step>({ name: "reading", progress: { doneBytes: 0, retrying: false } });
  const run = useEffectEvent(async (signal: AbortSignal): Promise<void> => {
    const named = namedKind(file);
    if (named === null || file.sizeBytes > VIEW_LIMITS_BYTES[named]) return;
    const reading = readWhole(file, {
      signal,
      onProgress: (progress) =>
        setStep((current) => (current.name === "reading" ? { name: "reading", progress } : current)),
    });
    // Whichever fails first is told; the other must not fail unheard.
    reading.catch(() => undefined);
    try {
      const early = named === "by-content" ? null : await programOf(FORMATS[named]());
      const content = await reading;
      const kind = kindByContent(content);
      if (early === null && kind === null) throw new CannotShow(content.length === 0 ? "empty" : "unknown");
      const view = early ?? (kind && (await programOf(FORMATS[kind]())));
      if (view !== null && !signal.aborted) setStep({ name: "shown", view, content });
    } catch (thrown) {
      if (signal.aborted) return;
      if (thrown instanceof CannotShow) return setStep({ name: "cannot", reason: thrown.reason });
      const problem = problemOf(thrown);
      onProblem(problem);
      setStep({ name: "failed", problem });
    }
  });
  useEffect(() => {
    const stop = new AbortController();
    // The step changes when bytes come, not here.
    // oxlint-disable-next-line react/set-state-in-effect
    void run(stop.signal);
    return () => stop.abort();
  }, []);
  return step;
}

async function programOf<Program>(loading: Promise<Program>): Promise<Program> {
  try {
    return await loading;
  } catch {
    throw new CannotShow("program");
  }
}

function StepView({ step, ...shown }: { step: Step } & Omit<FormatViewProps, "content">): ReactElement {
  const { name, file, mayKeep } = shown;
  const named = namedKind(file);
  if (named !== null && file.sizeBytes > VIEW_LIMITS_BYTES[named]) {
    return (
      <CannotShowNotice mayDownload={mayKeep}>
        {texts.tooLarge(size(file.sizeBytes), size(VIEW_LIMITS_BYTES[named]))}
      </CannotShowNotice>
    );
  }
  switch (step.name) {
    case "reading":
      return (
        <div className="viewer-wait stack-tight" aria-busy="true">
          <p role="status">{step.progress.retrying ? texts.retrying : texts.reading(name)}</p>
          <progress
            max={Math.max(1, file.sizeBytes)}
            value={step.progress.doneBytes}
            aria-label={texts.reading(name)}
          />
          <p className="soft small">{texts.readingDone(size(step.progress.doneBytes), size(file.sizeBytes))}</p>
        </div>
      );
    case "shown": {
      const View = step.view;
      return <View {...shown} content={step.content} />;
    }
    case "cannot":
      return <Cannot reason={step.reason} mayDownload={mayKeep} />;
    case "failed":
      return (
        <div className="viewer-wait stack-tight" role="alert">
          <h3>{texts.failedTitle}</h3>
          <p>{step.problem.message}</p>
        </div>
      );
  }
}

function Cannot({ reason, mayDownload }: { reason: Reason; mayDownload: boolean }): ReactElement {
  return <CannotShowNotice mayDownload={mayDownload}>{texts.reasons[reason]}</CannotShowNotice>;
}

function CannotShowNotice({ mayDownload, children }: { mayDownload: boolean; children: string }): ReactElement {
  return (
    <div className="viewer-wait stack-tight" role="alert">
      <h3>{texts.failedTitle}</h3>
      <p>{children}</p>
      <p>{mayDownload ? texts.insteadDownload : texts.insteadAsk}</p>
    </div>
  );
}

interface BoundaryProps {
  readonly mayDownload: boolean;
  readonly children: ReactNode;
}

/** Whatever a hostile file makes a drawing throw stays in the viewer: the page with its keys and downloads goes on. */
class ViewBoundary extends Component<BoundaryProps, { readonly reason: Reason | null }> {
  override state: { readonly reason: Reason | null } = { reason: null };

  static getDerivedStateFromError(thrown: unknown): { reason: Reason } {
    return { reason: thrown instanceof CannotShow ? thrown.reason : "damaged" };
  }

  override render(): ReactNode {
    const { reason } = this.state;
    return reason === null ? this.props.children : <Cannot reason={reason} mayDownload={this.props.mayDownload} />;
  }
}

/** A page that is put aside may be kept in memory and shown again: what it shows then is the list. */
function useGoneWithPage(onGone: () => void): void {
  const go = useEffectEvent(onGone);
  useEffect(() => {
    const leave = (): void => flushSync(() => go());
    addEventListener("pagehide", leave);
    return () => removeEventListener("pagehide", leave);
  }, []);
}
