import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, isProblem, Problem, type TransferId } from "@safeconduct/foundation";
import { aSending, type Desk, ExchangeScene, known, type SceneClient, sceneClient } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { runUpload, type RunPorts } from "./run-upload.ts";
import {
  decodeBegun,
  decodePart,
  decodeSealed,
  encodeNote,
  type SendingBegun,
  type SendingSealed,
} from "./sending-note.ts";
import type { KeptNotes, KeptSending } from "./sending-shelf.ts";
import type { UploadNews, UploadOrder } from "./upload-messages.ts";

const crypto = nodeCrypto();
const MEBIBYTE = 1 << 20;
let scene: ExchangeScene;
let desk: Desk;
let client: SceneClient;
let shelf: MemoryShelf;
let news: UploadNews[];
let toldWhenTidied: UploadNews["kind"][];
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  client = sceneClient(scene, { member: desk.caller });
  shelf = new MemoryShelf();
  [news, toldWhenTidied] = [[], []];
});

/** The notes as a browser keeps them, through their bytes. */
class MemoryShelf {
  begun: SendingBegun | null = null;
  parts: Bytes[] = [];
  sealed: SendingSealed | null = null;
  readonly held = new Set<TransferId>();

  notes(): KeptNotes {
    return {
      resumed: async () => undefined,
      begun: async (begun) => {
        const facts = begun.files.map(({ path, sizeBytes }) => ({ name: path, sizeBytes, modifiedAt: 0 }));
        this.begun = known(decodeBegun(encodeNote({ begun, known: facts })));
      },
      stored: async ({ number, sizeBytes, sha256, proof }) => {
        this.parts.push(encodeNote({ part: { number, sizeBytes, sha256, proof } }));
      },
      sealing: async (seal) => {
        this.sealed = known(decodeSealed(encodeNote({ seal, isSent: false })));
      },
      sent: async (seal) => {
        this.sealed = known(decodeSealed(encodeNote({ seal, isSent: true })));
      },
      over: async () => {
        this.begun = null;
      },
    };
  }

  kept(transfer: TransferId): KeptSending | null {
    if (this.begun === null) return null;
    const parts = this.parts.map((bytes) => known(decodePart(bytes)));
    return { ...this.begun, transfer, begunAt: 0, parts, sealed: this.sealed };
  }
}

const ports = (): RunPorts => ({
  client,
  now: client.now,
  notes: shelf.notes(),
  kept: async (transfer) => shelf.kept(transfer),
  hold: async (transfer) => !shelf.held.has(transfer),
  async tidyUp() {
    toldWhenTidied = news.map(({ kind }) => kind);
  },
});

const content = crypto.random.bytes(20 * MEBIBYTE);
const file = new File([content], "scan.dcm");
const { files: _, ...terms } = aSending({
  handling: "regulated",
  recipients: [{ address: "a@example.org", name: null, secondFactor: { kind: "passcode", passcode: "7K3QX-9MPA2" } }],
});
const begin = (): UploadOrder => ({
  kind: "begin",
  origin: client.origin,
  device: desk.device,
  terms,
  sources: [
    {
      path: "scan.dcm",
      mediaType: "application/dicom",
      file,
      known: { name: "scan.dcm", sizeBytes: file.size, modifiedAt: 0 },
    },
  ],
});
const resume = (transfer: TransferId, files = [file]): UploadOrder => ({
  kind: "resume",
  origin: client.origin,
  device: desk.device,
  transfer,
  files,
});
async function run(order: UploadOrder, signal = new AbortController().signal): Promise<UploadNews> {
  await runUpload(ports(), { order, signal, tell: (each) => news.push(each) });
  return known(news.at(-1));
}
const begunTransfer = () => known(news.find((each) => each.kind === "begun")).transfer;
const stages = () => news.flatMap((each) => (each.kind === "stage" ? [each.stage] : []));
const lost = () => new Problem("http/unreachable", "Lost.");
const states = async () => {
  const { transfers } = await client.api.call("transfer", { path: { transfer: begunTransfer() } }).then(
    (transfer) => ({ transfers: [transfer] }),
    (error: unknown) => {
      if (isProblem(error)) return { transfers: [] };
      throw error;
    },
  );
  return transfers.map(({ state }) => state);
};

describe("a sending in the worker", () => {
  test("ends with links and passcodes, tells its stages in order, and its links are kept", async () => {
    const last = await run(begin());
    expect(last).toMatchObject({ kind: "sent", terms: { recipients: terms.recipients } });
    expect(stages()).toEqual(["preparing", "uploading", "sealing"]);
    const progress = news.flatMap((each) => (each.kind === "progress" ? [each.storedBytes / each.totalBytes] : []));
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(shelf.sealed?.isSent).toBe(true);
    // Nothing may be left by the last of the news, at which the page ends the worker.
    expect(toldWhenTidied).toEqual(news.slice(0, -1).map(({ kind }) => kind));
  });

  test("goes on by itself after an outage that is longer than the client's patience, without sending parts twice", async () => {
    let puts = 0;
    let down = 0;
    client.twist = (name, answer) => {
      if (name === "put") puts++;
      if (puts >= 2 && down < 40) {
        down++;
        throw lost();
      }
      return answer;
    };
    expect(await run(begin())).toMatchObject({ kind: "sent" });
    expect(down).toBe(40);
    expect(news.some((each) => each.kind === "waiting")).toBe(true);
    expect(stages()).toContain("checking");
    expect(await states()).toEqual(["active"]);
  });

  test("that is cancelled gives the draft up and keeps nothing", async () => {
    const abort = new AbortController();
    client.twist = (name, answer) => {
      if (name === "partTargets") abort.abort();
      return answer;
    };
    expect(await run(begin(), abort.signal)).toEqual({ kind: "cancelled" });
    await expect.poll(states).toEqual(["abandoned"]);
    expect(shelf.begun).toBeNull();
    expect(toldWhenTidied).not.toContain("cancelled");
  });

  test("whose file cannot be read any more says so and gives the draft up", async () => {
    const order = begin();
    if (order.kind !== "begin") throw new Error("unreachable");
    const gone = {
      size: file.size,
      lastModified: 0,
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error()) }),
    };
    const sources = order.sources.map((source) => ({ ...source, file: gone as unknown as File }));
    expect(await run({ ...order, sources })).toMatchObject({
      kind: "failed",
      problem: { code: "portal/file-unreadable" },
    });
    await expect.poll(states).toEqual(["abandoned"]);
  });
});

/** As when the tab is closed: everything is refused from the second part on, and nobody hears of it. */
async function interrupted(): Promise<TransferId> {
  let puts = 0;
  const stop = new AbortController();
  const never = new Promise<never>(() => undefined);
  const frozen: RunPorts = {
    ...ports(),
    client: {
      ...client,
      fetch: (input, init) => {
        if (++puts < 2) return client.fetch(input, init);
        stop.abort();
        return never;
      },
    },
  };
  void runUpload(frozen, { order: begin(), signal: new AbortController().signal, tell: (each) => news.push(each) });
  await new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
  // Until the first part, which was answered, is noted.
  while (shelf.parts.length === 0) await new Promise(setImmediate);
  return begunTransfer();
}

describe("a sending whose tab was closed", () => {
  test("goes on with the files chosen again and with its recipients and passcodes", async () => {
    const transfer = await interrupted();
    news = [];
    client.asked.length = 0;
    expect(await run(resume(transfer))).toMatchObject({
      kind: "sent",
      terms: { recipients: terms.recipients },
      sent: { transfer },
    });
    expect(stages()).toEqual(["checking", "uploading", "sealing"]);
    expect(client.asked).not.toContain("draftTransfer");
  });

  test("does not go on with a file that looks the same and is not", async () => {
    const transfer = await interrupted();
    const other = Uint8Array.from(content);
    other[5] = (other[5] ?? 0) ^ 1;
    expect(await run(resume(transfer, [new File([other], "scan.dcm")]))).toMatchObject({
      kind: "failed",
      problem: { code: "envelope/file-changed" },
    });
    await expect.poll(states).toEqual(["abandoned"]);
  });

  test("is left alone while another tab works on it", async () => {
    const transfer = await interrupted();
    shelf.held.add(transfer);
    client.asked.length = 0;
    expect(await run(resume(transfer))).toEqual({ kind: "busy" });
    expect(client.asked).toEqual([]);
  });

  test("says so when nothing is kept of it", async () => {
    const transfer = await interrupted();
    shelf.begun = null;
    expect(await run(resume(transfer))).toMatchObject({ kind: "failed", problem: { code: "client/sending-over" } });
  });

  test("that was sealed in its last moment gives the same links again, without any file", async () => {
    const first = await run(begin());
    const again = await run(resume(begunTransfer(), []));
    expect(again).toEqual(first);
  });
});
