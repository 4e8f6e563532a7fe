/** The files: their names for the first time, downloads with progress and a check, and the receipt. */
import type { ManifestFile } from "@safeconduct/envelope";
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useNow } from "../elements/clock.ts";
import { Copyable } from "../elements/copyable.tsx";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import type { DownloadState } from "./downloads.ts";
import { AcceptedTerms } from "./accepted-terms.tsx";
import { FileItem } from "./file-item.tsx";
import { OwnFactorsSection } from "./own-factors.tsx";
import { type ReceiptFacts, receiptDue } from "./receipt.ts";
import { prepareStreaming, streamedSink } from "../saving/streamed-sink.ts";
import {
  canPickFile,
  MEMORY_LIMIT_BYTES,
  memorySink,
  nameOf,
  pickedFileSink,
  pickFile,
  SMALL_FILE_BYTES,
  wayFor,
} from "./sinks.ts";
import { texts } from "./texts.ts";
import { useViewing } from "./viewing.tsx";
import type { Invitation } from "./arrival.ts";
import type { Package, Visit } from "./visit.ts";
import { dates, size } from "../elements/words.ts";

const words = texts.files;
const NOW_EVERY_MS = 20_000;
const SETTLED: ReadonlySet<DownloadState["name"]> = new Set(["waiting", "running", "verified"]);
const LINK_ENDS = ["grant/session-required", "grant/unavailable"] as const;
const IDLE: DownloadState = { name: "idle" };

export interface FilesStepProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
  readonly opened: Package;
  /** A read or an act was refused: perhaps the link has ended. */
  readonly onRefused: (problem: Pick<Problem, "code">) => void;
  readonly onConfirmAgain: () => void;
}

export function FilesStep({ visit, invitation, opened, onRefused, onConfirmAgain }: FilesStepProps): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const { files } = opened.opened.manifest;
  const { downloads } = opened;
  const states = useSyncExternalStore(downloads.subscribe, downloads.snapshot);
  const stateOf = (file: ManifestFile): DownloadState => states.get(file.id) ?? IDLE;
  const { profile } = invitation;
  const due = receiptDue(files, { profile, hasArrived: (file) => downloads.hasArrived(file) });
  const receipt = useReceipt(visit, due);
  useLeavingWarning(downloads.busy());
  // Binds this page; whoever changes it in their own browser still has the keys (docs/threat-model.md).
  const savable = profile === "downloadable";
  const viewing = useViewing({ opened, onRefused, onDownload: savable ? (file) => void download(file) : null });

  const canStream = useStreaming(files.some((file) => file.sizeBytes > SMALL_FILE_BYTES));
  const wayOf = (file: ManifestFile) => wayFor(file.sizeBytes, { canStream, canPick: canPickFile() });

  async function download(file: ManifestFile): Promise<void> {
    const name = nameOf(file.path);
    switch (wayOf(file)) {
      case "memory":
        return downloads.start(file.id, () => memorySink(name));
      case "stream":
        return downloads.start(file.id, (stopped) =>
          streamedSink({ fileName: name, sizeBytes: file.sizeBytes, stopped }),
        );
      case "picked-file": {
        // The place is asked for now: a browser grants that only right after a press.
        const handle = await pickFile(name);
        if (handle !== null) downloads.start(file.id, () => pickedFileSink(handle));
        return;
      }
      case "none":
        return;
    }
  }

  /** What "Download all" starts: files that need no question for their place and have not arrived. */
  const together = files.filter(
    (file) => savable && ["memory", "stream"].includes(wayOf(file)) && !SETTLED.has(stateOf(file).name),
  );
  const unsupported = files.filter((file) => savable && wayOf(file) === "none");
  const lastVerified = files.findLast((file) => stateOf(file).name === "verified");
  const refused = LINK_ENDS.find((code) => files.some((file) => hasCode(stateOf(file), code)));
  const newest = useRef(onRefused);
  useEffect(() => {
    newest.current = onRefused;
  });
  useEffect(() => {
    if (refused !== undefined) newest.current({ code: refused });
  }, [refused]);
  const sessionEnded = viewing.sessionEnded || files.some((file) => hasCode(stateOf(file), "grant/session-required"));
  return (
    <div className="stack">
      <PageHeading heading={words.title(files.length)} />
      <div className="stack-tight">
        <p>{words.from(invitation.sender, invitation.organisation)}</p>
        <p className="soft">
          {words.endsAt[profile]} {dates.long(invitation.notAfter)} ({dates.relative(invitation.notAfter, now)}).
        </p>
      </div>
      {!savable && (
        <Notice tone="note">
          <p>{words.viewOnly}</p>
        </Notice>
      )}
      {sessionEnded && (
        <Notice tone="warn">
          <p>{words.sessionEnded}</p>
          <button type="button" className="button small" onClick={onConfirmAgain}>
            {words.confirmAgain}
          </button>
        </Notice>
      )}
      <section className="card">
        <div className="files-head">
          <h2>{words.listHeading}</h2>
          {files.length > 1 && together.length > 0 && (
            <button
              type="button"
              className="button small"
              onClick={() => together.forEach((file) => void download(file))}
            >
              {words.all}
            </button>
          )}
        </div>
        <ul className="files">
          {files.map((file) => (
            <FileItem
              key={file.id}
              file={file}
              state={stateOf(file)}
              supported={savable && !unsupported.includes(file)}
              onView={viewing.viewOf(file)}
              viewOnly={!savable}
              onDownload={() => void download(file)}
              onCancel={() => downloads.cancel(file.id)}
            />
          ))}
        </ul>
      </section>
      {viewing.element}
      {unsupported.length > 0 && (
        <Notice tone="warn">
          <p>{words.tooLargeHere(size(MEMORY_LIMIT_BYTES))}</p>
          <Copyable text={words.command} label={words.commandLabel} />
          <p className="soft small">{words.commandHint}</p>
        </Notice>
      )}
      <p className="visually-hidden" role="status">
        {lastVerified === undefined ? "" : words.announced(nameOf(lastVerified.path))}
      </p>
      <ReceiptNotice receipt={receipt} hasUnseen={(due?.unseen ?? 0) > 0} organisation={invitation.organisation} />
      <AcceptedTerms visit={visit} invitation={invitation} onRefused={onRefused} />
      <OwnFactorsSection visit={visit} invitation={invitation} />
      <details className="small">
        <summary>{words.keptTitle}</summary>
        <p className="soft">{words.kept}</p>
      </details>
    </div>
  );
}

const hasCode = (state: DownloadState, code: string): boolean => state.name === "failed" && state.problem.code === code;

interface Receipt {
  readonly state: "not-yet" | "telling" | "told" | "failed";
  readonly problem: Problem | null;
  readonly tell: () => void;
}

/** Tells the sender once, as soon as it is due. */
function useReceipt(visit: Visit, due: ReceiptFacts | null): Receipt {
  const [state, setState] = useState<Omit<Receipt, "tell">>({ state: "not-yet", problem: null });
  const begun = useRef(false);

  async function tell(): Promise<void> {
    if (due === null) return;
    begun.current = true;
    setState({ state: "telling", problem: null });
    try {
      await visit.receipt(due);
      setState({ state: "told", problem: null });
    } catch (thrown) {
      setState({ state: "failed", problem: problemOf(thrown) });
    }
  }

  useEffect(() => {
    if (due !== null && !begun.current) void tell();
  });
  return { ...state, tell: () => void tell() };
}

function ReceiptNotice({
  receipt,
  hasUnseen,
  organisation,
}: {
  receipt: Receipt;
  hasUnseen: boolean;
  organisation: string;
}): ReactElement | null {
  const arrived = hasUnseen ? words.arrivedShown : words.arrivedAll;
  switch (receipt.state) {
    case "not-yet":
      return null;
    case "telling":
      return <p role="status">{words.telling(arrived, organisation)}</p>;
    case "told":
      return (
        <Notice tone="good">
          <p role="status">{words.told(arrived, organisation)}</p>
        </Notice>
      );
    case "failed":
      return (
        <Notice tone="warn">
          <p>{words.untold(arrived, organisation)}</p>
          <p className="soft">{receipt.problem?.message}</p>
          <button type="button" className="button quiet small" onClick={receipt.tell}>
            {words.tellAgain}
          </button>
        </Notice>
      );
  }
}

/** Whether large files can be streamed to the disk; false until the worker is up. */
function useStreaming(wanted: boolean): boolean {
  const [canStream, setCanStream] = useState(false);
  useEffect(() => {
    if (wanted) void prepareStreaming().then(setCanStream);
  }, [wanted]);
  return canStream;
}

/** The browser asks before a running download is thrown away. */
function useLeavingWarning(busy: boolean): void {
  useEffect(() => {
    if (!busy) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [busy]);
}
