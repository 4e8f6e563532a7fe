/**
 * What an honest client would send to begin, fill and seal a transfer, made by the real client against a server that only
 * takes notes. Tests then send it as it is, in parts, in another order or changed.
 */
import { keyServiceBody } from "./exchange-client.ts";
import { digestOfPart } from "./part-digest.ts";
import { type Sending, sendTransfer, type Sent } from "@safeconduct/client";
import { type Client, routes } from "@safeconduct/contract";
import { type Draft, draftTransfer, sealTransfer, storePart, type TransferRecord } from "@safeconduct/exchange";
import {
  base64UrlText,
  type Bytes,
  copyBytes,
  type GrantId,
  type TransferId,
  utf8Bytes,
} from "@safeconduct/foundation";
import { type Desk, type ExchangeScene, streamOf } from "./exchange-scene.ts";
import { known } from "./known.ts";

export type Seal = Parameters<typeof sealTransfer>[2];

export interface PreparedTransfer {
  readonly id: TransferId;
  readonly draft: Draft;
  readonly parts: readonly { readonly number: number; readonly bytes: Bytes }[];
  readonly seal: Seal;
  readonly sent: Sent;
}

export const REPORT = utf8Bytes("Findings: none of concern.\n");

/** One small file to one specialist for a day, treatment; what a test cares about it passes in. */
export function aSending(fields: Partial<Sending> = {}): Sending {
  return {
    files: [
      {
        path: "report.txt",
        mediaType: "text/plain",
        sizeBytes: REPORT.length,
        read: async (offset, length) => REPORT.slice(offset, offset + length),
      },
    ],
    purpose: "TREAT",
    profile: "downloadable",
    // Where the second factor is not the point.
    handling: "public",
    recipients: [{ address: "specialist@hospital.example", name: null }],
    notBefore: 0,
    lifeMs: 24 * 60 * 60 * 1000,
    releaseCap: 0,
    ...fields,
  };
}

export async function prepareTransfer(
  scene: ExchangeScene,
  desk: Desk,
  fields: Partial<Sending> = {},
): Promise<PreparedTransfer> {
  const notes: { draft?: unknown; seal?: unknown } = {};
  const parts: { number: number; bytes: Bytes }[] = [];
  const call = async (name: string, { body }: { body?: unknown } = {}): Promise<unknown> => {
    if (name === "partTargets") {
      const { parts: wanted } = body as { parts: readonly { number: number }[] };
      return { targets: wanted.map(({ number }) => ({ number, method: "PUT", url: `note:${number}`, headers: {} })) };
    }
    if (name === "instance") return { keyService: await keyServiceBody(scene) };
    if (name === "draftTransfer") {
      notes.draft = body;
      return { createdAt: scene.clock.now() };
    }
    if (name === "sealTransfer") notes.seal = body;
    return {};
  };
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    const bytes = copyBytes(new Uint8Array(await new Response(init?.body ?? null).arrayBuffer()));
    const number = Number(String(url).slice("note:".length));
    parts.push({ number, bytes });
    return Response.json({ number, sizeBytes: bytes.length, sha256: base64UrlText(digestOfPart(bytes)) });
  };
  const sent = await sendTransfer(
    {
      crypto: scene.crypto,
      api: { call } as unknown as Client,
      fetch,
      wait: async () => undefined,
      now: () => scene.clock.now(),
      origin: "http://scene.example",
    },
    desk.device,
    aSending(fields),
  );
  parts.sort((a, b) => a.number - b.number);
  const seal = routes.sealTransfer.request.parse(notes.seal);
  const draft = routes.draftTransfer.request.parse(notes.draft);
  return { id: sent.transfer, draft, parts, seal: { transfer: sent.transfer, ...seal }, sent };
}

/** Stores one part of it, or other bytes in its place. */
export function putPart(
  scene: ExchangeScene,
  { id, parts }: Pick<PreparedTransfer, "id" | "parts">,
  number = 1,
  bytes: Bytes = known(parts[number - 1]).bytes,
) {
  return storePart(scene.deps, { transfer: id, number, sizeBytes: bytes.length, body: streamOf(bytes) });
}

/** Drafted and filled, not sealed. */
export async function filledDraft(
  scene: ExchangeScene,
  desk: Desk,
  fields: Partial<Sending> = {},
): Promise<PreparedTransfer> {
  const prepared = await prepareTransfer(scene, desk, fields);
  await draftTransfer(scene.deps, desk.caller, prepared.draft);
  for (const { number } of prepared.parts) await putPart(scene, prepared, number);
  return prepared;
}

export interface SealedTransfer extends PreparedTransfer {
  readonly record: TransferRecord;
  readonly grants: readonly GrantId[];
  /** The first recipient's. */
  readonly grant: GrantId;
}

export async function sealedTransfer(
  scene: ExchangeScene,
  desk: Desk,
  fields: Partial<Sending> = {},
): Promise<SealedTransfer> {
  const prepared = await filledDraft(scene, desk, fields);
  const record = await sealTransfer(scene.deps, desk.caller, prepared.seal);
  const grants = prepared.sent.links.map((link) => link.grant);
  return { ...prepared, record, grants, grant: known(grants[0]) };
}
