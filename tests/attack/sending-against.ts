/** The real sending client against the real use cases in one process. What fails, and what the client's clock shows, a test says. */
import { type Sending, sendTransfer, type Sent } from "@safeconduct/client";
import { type Client, routes } from "@safeconduct/contract";
import { abandonTransfer, draftTransfer, partTargets, sealTransfer, storePart } from "@safeconduct/exchange";
import { base64UrlText, copyBytes, isProblem, parseId, type TransferId } from "@safeconduct/foundation";
import { aSending, type Desk, type ExchangeScene, keyServiceBody, known, streamOf } from "@safeconduct/testkit";

export interface SendingOptions {
  /** Milliseconds that the client's clock is ahead of the server's. */
  readonly aheadMs?: number;
  readonly signal?: AbortSignal;
  /** Before a part is stored; throws to refuse it. */
  readonly onPart?: () => void;
  readonly fields?: Partial<Sending>;
}

export function sendAgainst(
  scene: ExchangeScene,
  desk: Desk,
  { aheadMs = 0, signal, onPart, fields }: SendingOptions = {},
): Promise<Sent> {
  const { deps } = scene;
  const call = async (name: string, { path, body }: { path?: Record<string, string>; body?: unknown } = {}) => {
    const transfer = parseId("transfer", path?.["transfer"] ?? "") as TransferId;
    switch (name) {
      case "instance":
        return { keyService: await keyServiceBody(scene) };
      case "draftTransfer":
        return draftTransfer(deps, desk.caller, routes.draftTransfer.request.parse(body));
      case "partTargets": {
        const { parts } = routes.partTargets.request.parse(body);
        return {
          targets: (await partTargets(deps, desk.caller, { transfer, parts })).map((at) => ({ ...at, method: "PUT" })),
        };
      }
      case "sealTransfer":
        return sealTransfer(deps, desk.caller, { transfer, ...routes.sealTransfer.request.parse(body) });
      case "abandonTransfer":
        return abandonTransfer(deps, desk.caller, transfer);
      default:
        throw new Error(`sending does not call ${name}`);
    }
  };
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    const [, id, number] = known(/\/blobs\/(\w+)\/parts\/([0-9]+)/.exec(String(url)) ?? undefined);
    const bytes = copyBytes(new Uint8Array(await new Response(init.body ?? null).arrayBuffer()));
    try {
      onPart?.();
      init.signal?.throwIfAborted();
      const part = await storePart(deps, {
        transfer: known(parseId("transfer", id ?? "") ?? undefined),
        number: Number(number),
        sizeBytes: bytes.length,
        body: streamOf(bytes),
      });
      return Response.json({ ...part, sha256: base64UrlText(part.sha256) });
    } catch (error) {
      if (!isProblem(error)) throw error;
      return Response.json({ type: "x", title: error.message, status: 507, code: error.code }, { status: 507 });
    }
  };
  return sendTransfer(
    {
      crypto: scene.crypto,
      api: { call } as unknown as Client,
      fetch,
      wait: async () => undefined,
      now: () => scene.clock.now() + aheadMs,
      origin: "http://scene.example",
    },
    desk.device,
    aSending(fields),
    signal === undefined ? {} : { signal },
  );
}
