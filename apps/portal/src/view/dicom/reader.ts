/** The page's side of the DICOM worker: one request at a time, each with a limit of time; a worker that is over it is ended and another begun. */
import type { Bytes } from "@safeconduct/foundation";
// The bundler gives such imports their default, the addresses of files.
// oxlint-disable-next-line import/default
import charlsAddress from "@cornerstonejs/codec-charls/decodewasm?url";
// oxlint-disable-next-line import/default
import openjpegAddress from "@cornerstonejs/codec-openjpeg/decodewasm?url";
import { workerAddress } from "../../elements/worker-address.ts";
import { after, network } from "../../platform.ts";
import type { CodecName } from "./codecs.ts";
// oxlint-disable-next-line import/default
import dicomWorker from "./dicom-worker.ts?worker&url";
import type { DicomHeader } from "./header.ts";
import type { FromDicomWorker, Refusal, ToDicomWorker } from "./messages.ts";

/** For one frame on a slow telephone. */
const READ_LIMIT_MS = 30_000;
const CODEC_ADDRESSES: Readonly<Record<CodecName, string>> = { openjpeg: openjpegAddress, charls: charlsAddress };

export class Refused extends Error {
  override name = "Refused";
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(why);
    this.why = why;
  }
}

type Answer = Extract<FromDicomWorker, { kind: "header" | "frame" }>;
export type FrameAnswer = Extract<FromDicomWorker, { kind: "frame" }>;

export class DicomReader {
  private worker: Worker | null = null;
  private last: Promise<unknown> = Promise.resolve();
  private count = 0;
  private closed = false;

  /** Throws Refused. */
  async header(content: Bytes): Promise<DicomHeader> {
    return (await this.inTurn(content, null)).header;
  }

  /** Throws Refused. */
  async frame(content: Bytes, frame: number): Promise<FrameAnswer> {
    const answer = await this.inTurn(content, frame);
    if (answer.kind !== "frame") throw new Refused("damaged");
    return answer;
  }

  close(): void {
    this.closed = true;
    this.worker?.terminate();
    this.worker = null;
  }

  private inTurn(content: Bytes, frame: number | null): Promise<Answer> {
    const turn = this.last.then(() => this.ask(content, frame));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private ask(content: Bytes, frame: number | null): Promise<Answer> {
    if (this.closed) throw new Refused("stopped");
    const worker = (this.worker ??= new Worker(workerAddress(dicomWorker), { type: "module" }));
    const id = ++this.count;
    return new Promise<Answer>((resolve, reject) => {
      const end = (act: () => void): void => {
        callOff();
        worker.removeEventListener("message", hear);
        worker.removeEventListener("error", fail);
        act();
      };
      const giveUp = (why: Refusal): void =>
        end(() => {
          worker.terminate();
          if (this.worker === worker) this.worker = null;
          reject(new Refused(why));
        });
      const fail = (): void => giveUp("damaged");
      const callOff = after(READ_LIMIT_MS, () => giveUp("stopped"));
      const hear = ({ data: message }: MessageEvent<FromDicomWorker>): void => {
        if (message.kind === "codec-wanted") void this.bringCodec(worker, message.name, fail);
        else if (message.id === id)
          end(() => (message.kind === "refused" ? reject(new Refused(message.why)) : resolve(message)));
      };
      worker.addEventListener("message", hear);
      worker.addEventListener("error", fail);
      const copy = content.slice();
      tell(worker, { kind: "read", id, content: copy, frame }, [copy.buffer]);
    });
  }

  private async bringCodec(worker: Worker, name: CodecName, fail: () => void): Promise<void> {
    try {
      const answer = await network(CODEC_ADDRESSES[name]);
      if (!answer.ok) return fail();
      const wasm = await answer.arrayBuffer();
      tell(worker, { kind: "codec", name, wasm }, [wasm]);
    } catch {
      fail();
    }
  }
}

function tell(worker: Worker, message: ToDicomWorker, transfer: Transferable[]): void {
  // A worker has no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(message, { transfer });
}
