/**
 * A server that has everything a server can have, and answers a recipient's client as it likes: the honest answer for a grant,
 * for a test to change before it goes out, and the blob behind it.
 */
import { openTransfer, parseLink } from "@safeconduct/client";
import type { Client, routes } from "@safeconduct/contract";
import type { OpenedPackage } from "@safeconduct/envelope";
import { type RecipientCaller, release } from "@safeconduct/exchange";
import {
  base64UrlText,
  type Bytes,
  base64UrlBytes,
  concatBytes,
  copyBytes,
  type GrantId,
} from "@safeconduct/foundation";
import { type ExchangeScene, known, type SealedTransfer } from "@safeconduct/testkit";
import type { z } from "zod";

export type ReleaseAnswer = z.output<(typeof routes)["release"]["answer"]>;

/** What the server answers to a release request with this key; a test gives another. */
export type Answering = (
  ephemeralPublicKey: Bytes,
  honest: (grant: GrantId) => Promise<ReleaseAnswer>,
) => Promise<unknown>;
export type Serving = (range: { offset: number; length: number }, init: RequestInit) => Response | Promise<Response>;

export async function honestAnswer(
  scene: ExchangeScene,
  grant: GrantId,
  ephemeralPublicKey: Bytes,
): Promise<ReleaseAnswer> {
  const caller = await verified(scene, grant);
  const released = await release(scene.deps, caller, ephemeralPublicKey);
  const { transfer, device, sealedShares } = released;
  return {
    organisation: transfer.organisation,
    transfer: transfer.id,
    grant,
    terms: base64UrlText(released.grant.terms),
    slot: base64UrlText(released.grant.slot),
    sealedShares: base64UrlText(sealedShares),
    sealRecord: base64UrlText(transfer.sealRecord),
    sealSignature: base64UrlText(transfer.sealSignature),
    signingPublicKey: base64UrlText(device.signingPublicKey),
    blob: { url: `http://scene.example/blobs/${transfer.id}`, expiresAt: scene.clock.now() + 60_000 },
  };
}

const callers = new WeakMap<ExchangeScene, Map<GrantId, Promise<RecipientCaller>>>();

/** Confirmed once for each grant: codes are mailed only so often. */
function verified(scene: ExchangeScene, grant: GrantId): Promise<RecipientCaller> {
  const known = callers.get(scene) ?? new Map<GrantId, Promise<RecipientCaller>>();
  callers.set(scene, known);
  const caller = known.get(grant) ?? scene.confirmed(grant);
  known.set(grant, caller);
  return caller;
}

/** The whole ciphertext of a transfer. */
export const blobOf = ({ parts }: Pick<SealedTransfer, "parts">): Bytes =>
  concatBytes(...parts.map(({ bytes }) => bytes));

/** Ranges of `blob`, as an honest server gives them. */
export const served =
  (blob: Bytes): Serving =>
  ({ offset, length }) =>
    new Response(copyBytes(blob.subarray(offset, offset + length)), { status: 206 });

/** The recipient's client opens the first link of `transfer` against the server's answers. Ends at once where it would wait. */
export function openAgainst(
  scene: ExchangeScene,
  transfer: SealedTransfer,
  { answer, serve }: { answer?: Answering; serve?: Serving } = {},
): Promise<OpenedPackage> {
  const { grant, fragment } = known(parseLink(known(transfer.sent.links[0]).link) ?? undefined);
  const serving = serve ?? served(blobOf(transfer));
  const call = async (name: string, { body }: { body?: unknown } = {}) => {
    if (name === "blobTarget") return { url: `http://scene.example/blobs/${transfer.id}`, expiresAt: 0 };
    const key = known(base64UrlBytes((body as { ephemeralPublicKey: string }).ephemeralPublicKey) ?? undefined);
    const honest = (wanted: GrantId) => honestAnswer(scene, wanted, key);
    return answer === undefined ? honest(grant) : answer(key, honest);
  };
  const fetch = async (_url: unknown, init: RequestInit = {}) => {
    const [, first, last] = known(
      /^bytes=([0-9]+)-([0-9]+)$/.exec((init.headers as Record<string, string>)["range"] ?? "") ?? undefined,
    );
    return serving({ offset: Number(first), length: Number(last) - Number(first) + 1 }, init);
  };
  return openTransfer(
    { crypto: scene.crypto, api: { call } as unknown as Client, fetch, wait: async () => undefined },
    { grant, fragment },
  );
}

/** Reads every file to its end. */
export async function readAll(opened: OpenedPackage): Promise<Bytes[]> {
  const read: Bytes[] = [];
  for (const { id } of opened.manifest.files) {
    const pieces: Bytes[] = [];
    for await (const piece of opened.readFile(id)) pieces.push(piece);
    read.push(concatBytes(...pieces));
  }
  return read;
}
