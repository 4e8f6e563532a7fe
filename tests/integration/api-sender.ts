/** Sending and opening from within a test, where it must look between two calls: the clients' own code with a fetch of one's own. */
import { setTimeout as sleep } from "node:timers/promises";
import { openTransfer, parseLink, type Sent, sendTransfer } from "@safeconduct/client";
import { apiClient } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import type { OpenedPackage } from "@safeconduct/envelope";
import { readAccount } from "../../apps/cli/src/account.ts";

type Fetch = typeof globalThis.fetch;

const wait = async (milliseconds: number, signal?: AbortSignal) => {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
};

export interface Sending {
  /** Configuration folder of an enrolled device. */
  readonly config: string;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly address: string;
  readonly releaseCap?: number;
  readonly lifeMs?: number;
  /** With it the files are regulated; without, they are declared public. */
  readonly passcode?: string;
  readonly fetch?: Fetch;
}

/** Sends one file named note.bin to one recipient. */
export async function sendFromHere({
  config,
  content,
  address,
  releaseCap = 0,
  lifeMs = 3_600_000,
  passcode,
  fetch = globalThis.fetch,
}: Sending): Promise<Sent> {
  const { server, token, device } = await readAccount(config);
  const api = apiClient({ origin: server, bearer: token, fetch });
  const file = {
    path: "note.bin",
    mediaType: "application/octet-stream",
    sizeBytes: content.length,
    read: async (offset: number, length: number) => content.slice(offset, offset + length),
  };
  return sendTransfer({ crypto: nodeCrypto(), api, fetch, wait, now: () => Date.now(), origin: server }, device, {
    files: [file],
    purpose: "TREAT",
    profile: "downloadable",
    handling: passcode === undefined ? "public" : "regulated",
    recipients: [
      {
        address,
        name: null,
        ...(passcode === undefined ? {} : { secondFactor: { kind: "passcode", passcode } as const }),
      },
    ],
    notBefore: 0,
    lifeMs,
    releaseCap,
  });
}

/** Has the shares of `link` released to this process, which has the verification session `session`. */
export function openFromHere({
  link,
  session,
  fetch = globalThis.fetch,
}: {
  link: string;
  session: string;
  fetch?: Fetch;
}): Promise<OpenedPackage> {
  const parsed = parseLink(link);
  if (parsed === null) throw new Error("not a link");
  const { origin, grant, fragment } = parsed;
  const api = apiClient({ origin, bearer: session, fetch });
  return openTransfer({ crypto: nodeCrypto(), api, fetch, wait }, { grant, fragment });
}

/** The only file of a package, whole. */
export async function contentOf(opened: OpenedPackage): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (const file of opened.manifest.files) for await (const piece of opened.readFile(file.id)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Where a call of fetch goes. */
export const addressOf = (input: Parameters<Fetch>[0]): string =>
  typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
