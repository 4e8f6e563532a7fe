/** Runs the upload of this tab: one worker for each, from its order to links. Its state is in `upload-slot.ts`. */
import type { SendingDevice, SendingTerms } from "@safeconduct/client";
import { type MemberId, Problem } from "@safeconduct/foundation";
import { problemOf } from "../elements/problems.ts";
import { workerAddress } from "../elements/worker-address.ts";
import { now } from "../platform.ts";
import { sendProblem } from "./errors.ts";
import { PaceMeter } from "./pace.ts";
import type { KeptSending } from "./sending-shelf.ts";
import {
  type OutgoingSource,
  sentTerms,
  type UploadNews,
  type UploadOrder,
  type UploadWish,
} from "./upload-messages.ts";
import { type UploadRow, type UploadRunning, uploadSlot } from "./upload-slot.ts";
// The bundler gives such an import its default, the address of the worker's file.
// oxlint-disable-next-line import/default
import uploadWorker from "./upload-worker.ts?worker&url";

interface Running {
  readonly worker: Worker;
  readonly member: MemberId;
  readonly notBefore: number;
  readonly pace: PaceMeter;
}

let running: Running | null = null;
/** Started for the next upload; without an order yet. */
let waiting: Worker | null = null;

/**
 * Starts the worker while somebody still reads what is to be sent: to load it and to seal for the first time takes longer than to send
 * a small file. Answers what ends it, where nothing was sent.
 */
export function prepareUpload(): () => void {
  const worker = newWorker();
  waiting = worker;
  return () => {
    if (waiting !== worker) return;
    waiting = null;
    worker.terminate();
  };
}

export function beginUpload(sending: {
  device: SendingDevice;
  terms: SendingTerms;
  sources: readonly OutgoingSource[];
  rows: readonly UploadRow[];
}): void {
  const { device, terms, sources, rows } = sending;
  start({ kind: "begin", origin: location.origin, device, terms, sources }, { rows, notBefore: terms.notBefore });
}

/** `files` in the order of the package; none where only the seal is left. */
export function resumeUpload(
  kept: KeptSending,
  {
    device,
    files,
    rows,
  }: { device: SendingDevice; files: readonly OutgoingSource["file"][]; rows: readonly UploadRow[] },
): void {
  const { transfer, begun } = kept;
  start({ kind: "resume", origin: location.origin, device, transfer, files }, { rows, notBefore: begun.notBefore });
}

export function wish(what: Extract<UploadWish, "pause" | "go-on" | "cancel">): void {
  if (running === null) return;
  post(running.worker, what);
  running.pace.restart();
  if (what === "cancel") change({ isCancelling: true, isPaused: false });
  else change({ isPaused: what === "pause", pace: null });
}

/** Back to an empty page, once an upload is over. */
export function dismissUpload(): void {
  if (running === null) uploadSlot.put({ name: "none" });
}

/** Shows links that were kept. */
export function showLinks({ sealed, begun }: KeptSending): void {
  if (sealed === null || running !== null) return;
  uploadSlot.put({ name: "sent", sent: sealed.seal.sent, terms: sentTerms(begun), notBefore: begun.notBefore });
}

function start(order: UploadOrder, { rows, notBefore }: { rows: readonly UploadRow[]; notBefore: number }): void {
  if (running !== null) throw new Error("one upload at a time");
  const worker = waiting ?? newWorker();
  waiting = null;
  running = { worker, member: order.device.member, notBefore, pace: new PaceMeter() };
  addEventListener("beforeunload", warn);
  uploadSlot.handle = { signedIn, left: stop };
  uploadSlot.put({
    name: "running",
    transfer: order.kind === "resume" ? order.transfer : null,
    stage: "preparing",
    storedBytes: 0,
    totalBytes: 0,
    pace: null,
    isPaused: false,
    isWaiting: false,
    isSignedOut: false,
    isCancelling: false,
    rows,
  });
  post(worker, order);
}

function newWorker(): Worker {
  const worker = new Worker(workerAddress(uploadWorker), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<UploadNews>) => hear(data));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    // Without an order: the next one comes with its own, and tells if it fails as well.
    if (waiting === worker) waiting = null;
    else if (running?.worker === worker)
      end({ name: "failed", problem: problemOf(sendProblem("portal/upload-stopped")), isKept: true });
  });
  return worker;
}

function hear(news: UploadNews): void {
  if (running === null) return;
  switch (news.kind) {
    case "begun":
      return change({ transfer: news.transfer });
    case "stage":
      running.pace.restart();
      return change({ stage: news.stage, isWaiting: false, pace: null });
    case "progress":
      return change({
        storedBytes: news.storedBytes,
        totalBytes: news.totalBytes,
        isWaiting: false,
        pace: running.pace.note({ at: now(), doneBytes: news.storedBytes, totalBytes: news.totalBytes }),
      });
    case "waiting":
      running.pace.restart();
      return change({ isWaiting: true, pace: null });
    case "signed-out":
      return change({ isSignedOut: true, pace: null });
    case "sent": {
      const { sent, terms } = news;
      return end({ name: "sent", sent, terms, notBefore: running.notBefore });
    }
    case "cancelled":
      return end({ name: "cancelled" });
    case "busy":
      return end({ name: "busy" });
    case "failed": {
      const { code, message, details } = news.problem;
      const isOurs = code === "portal/unexpected";
      const problem = problemOf(isOurs ? new Error("the upload worker failed") : new Problem(code, message, details));
      return end({ name: "failed", problem, isKept: KEPT_AFTER.has(code) });
    }
  }
}

/** After these the draft waits for another try; after anything else it was given up. */
const KEPT_AFTER: ReadonlySet<string> = new Set(["client/other-sender"]);

/** A worker has no origin to name. */
function post(worker: Worker, message: UploadOrder | UploadWish): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(message);
}

function change(changes: Partial<UploadRunning>): void {
  const state = uploadSlot.snapshot();
  if (state.name === "running") uploadSlot.put({ ...state, ...changes });
}

function end(state: Parameters<typeof uploadSlot.put>[0]): void {
  running?.worker.terminate();
  running = null;
  uploadSlot.handle = null;
  removeEventListener("beforeunload", warn);
  uploadSlot.put(state);
}

function signedIn(member: string): void {
  if (running === null) return;
  if (running.member !== member) return stop();
  post(running.worker, "signed-in");
  change({ isSignedOut: false });
}

/** What arrived stays where it is; its owner finds it among the unfinished. */
const stop = (): void => end({ name: "none" });

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
