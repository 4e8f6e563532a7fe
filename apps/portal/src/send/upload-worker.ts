/** The worker that encrypts and uploads: the page stays free, and what it holds goes when the worker ends. */
import { apiClient } from "@safeconduct/contract";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { base64UrlText, type Bytes, type CryptoPorts } from "@safeconduct/foundation";
import { network, now, wait } from "../platform.ts";
import { PartShelf } from "./part-shelf.ts";
import { runUpload } from "./run-upload.ts";
import { holdSending, SendingShelf } from "./sending-shelf.ts";
import { steadyNews } from "./steady-news.ts";
import { UploadGate } from "./upload-gate.ts";
import type { UploadOrder, UploadWish } from "./upload-messages.ts";

const SHELF_NAME_BYTES = 16;

const gate = new UploadGate();
const cancelling = new AbortController();
const tell = steadyNews((news) => postMessage(news), wait);

const loading = loadWebCrypto();
// Told by the first order.
loading.then(rehearse).catch(() => undefined);

addEventListener("message", ({ data }: MessageEvent<UploadOrder | UploadWish>) => {
  if (typeof data !== "string") begin(data).catch(reportError);
  else if (data === "pause") gate.close("paused");
  else if (data === "go-on") gate.open("paused");
  else if (data === "signed-in") gate.open("signed-out");
  else {
    cancelling.abort();
    gate.free();
  }
});

/** A first seal takes 100 ms and the next ones a few: most of it goes into tables and compiling. */
async function rehearse({ hpke }: CryptoPorts): Promise<void> {
  const nothing = new Uint8Array(0);
  const { publicKey } = await hpke.generateKeyPair();
  await hpke.seal({ publicKey, info: nothing, aad: nothing, plaintext: nothing });
}

async function begin(order: UploadOrder): Promise<void> {
  const crypto = await loading;
  const fetch = gate.guard(network, () => tell({ kind: "signed-out" }));
  const shelf = new SendingShelf(crypto.random);
  const { member } = order.device;
  const known = order.kind === "begin" ? order.sources.map((source) => source.known) : [];
  const aside = await PartShelf.open(base64UrlText(crypto.random.bytes(SHELF_NAME_BYTES)));
  const client = {
    crypto,
    api: apiClient({ origin: "", fetch }),
    fetch,
    wait,
    ...(aside === null ? {} : { putAside: (bytes: Bytes) => aside.putAside(bytes) }),
  };
  const ports = {
    client,
    now,
    notes: shelf.notes(member, { known, now }),
    kept: (transfer: Parameters<typeof shelf.forget>[0]) => shelf.read(member, transfer),
    hold: holdSending,
    tidyUp: async () => aside?.close(),
  };
  await runUpload(ports, { order, signal: cancelling.signal, tell });
}
