/** The HTTP API of a scene without HTTP: the contract's client over the use cases, through JSON and both schemas. */
import { type Client, type RouteName, routes } from "@safeconduct/contract";
import {
  abandonTransfer,
  acceptConditions,
  addRecipient,
  approveRecovery,
  askedOfRecipient,
  blobOpener,
  blobTarget,
  demandedFactor,
  draftTransfer,
  extendMemberChain,
  heldParts,
  isFactorLocked,
  listRecoveries,
  type MemberCaller,
  partTargets,
  proveAuthenticator,
  provePasscode,
  type RecipientCaller,
  release,
  releaseRecovery,
  releaseToMember,
  requestDevice,
  requestRecovery,
  sealTransfer,
  setRecoveryKey,
  showMemberChain,
  showRecoveryKey,
  type ShownChain,
  showTransfer,
  storePart,
} from "@safeconduct/exchange";
import { base64UrlText, type Bytes, copyBytes, isProblem, parseId, type TransferId } from "@safeconduct/foundation";
import type { ClientPorts } from "@safeconduct/client";
import { streamOf, type ExchangeScene } from "./exchange-scene.ts";
import { known } from "./known.ts";

interface Callers {
  readonly member?: MemberCaller;
  readonly recipient?: RecipientCaller;
}

export interface SceneClient extends ClientPorts {
  readonly now: () => number;
  readonly origin: string;
  /** Route names and blob requests, in order. */
  readonly asked: string[];
  /** Milliseconds that the client waited before it tried again. */
  readonly waits: number[];
  /** Changes what the server answers, for a lying or broken one. Gets the name and the answer. */
  twist: (name: string, answer: unknown) => unknown;
}

export function sceneClient(scene: ExchangeScene, callers: Callers): SceneClient {
  const asked: string[] = [];
  const waits: number[] = [];
  const client: SceneClient = {
    crypto: scene.crypto,
    now: () => scene.clock.now(),
    origin: "http://scene.example",
    asked,
    waits,
    twist: (_, answer) => answer,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
    },
    api: {
      async call(
        name: RouteName,
        { path = {}, body }: { path?: Readonly<Record<string, string>>; body?: unknown } = {},
      ) {
        asked.push(name);
        const route = routes[name];
        const parsed: unknown = "request" in route ? route.request.parse(JSON.parse(JSON.stringify(body))) : undefined;
        const answer = client.twist(name, await answerOf(scene, { name, path, body: parsed, callers }));
        return "answer" in route ? route.answer.parse(JSON.parse(JSON.stringify(answer))) : undefined;
      },
    } as Client,
    fetch: async (input, init) => {
      const url = new URL(input as string);
      asked.push(init?.method === "PUT" ? "put" : "get");
      return client.twist(init?.method === "PUT" ? "put" : "get", await blobAnswer(scene, url, init)) as Response;
    },
  };
  return client;
}

interface Asked {
  readonly name: RouteName;
  readonly path: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly callers: Callers;
}

async function answerOf(scene: ExchangeScene, { name, path, body, callers }: Asked): Promise<unknown> {
  const { deps } = scene;
  const member = () => known(callers.member);
  const transfer = () => known(parseId("transfer", path["transfer"] ?? ""));
  const recovery = () => known(parseId("recovery", path["recovery"] ?? ""));
  switch (name) {
    case "instance":
      return instanceBody(scene);
    case "abandonTransfer":
      await abandonTransfer(deps, member(), transfer());
      return summaryOf(scene, member(), transfer());
    case "memberChain":
      return chainBody(await showMemberChain(deps, member()));
    case "extendMemberChain":
      return extendMemberChain(deps, member(), body as never);
    case "requestDevice":
      return requestDevice(deps, member(), body as never);
    case "draftTransfer":
      return summaryOf(scene, member(), (await draftTransfer(deps, member(), body as never)).id);
    case "transfer":
      return summaryOf(scene, member(), transfer());
    case "heldParts": {
      const parts = await heldParts(deps, member(), transfer());
      return { parts: parts.map((part) => ({ ...part, sha256: base64UrlText(part.sha256) })) };
    }
    case "partTargets": {
      const targets = await partTargets(deps, member(), { transfer: transfer(), ...(body as { parts: [] }) });
      return { targets: targets.map((target) => ({ ...target, method: "PUT" })) };
    }
    case "sealTransfer": {
      const sealed = await sealTransfer(deps, member(), { transfer: transfer(), ...(body as object) } as never);
      return summaryOf(scene, member(), sealed.id);
    }
    case "release": {
      const { ephemeralPublicKey } = body as { ephemeralPublicKey: Bytes };
      return releaseBody(scene, await release(deps, known(callers.recipient), ephemeralPublicKey));
    }
    case "acceptConditions":
      return acceptConditions(deps, known(callers.recipient), body as { termsHash: Bytes });
    case "provePasscode":
      return provePasscode(deps, known(callers.recipient), body as { verifier: Bytes });
    case "proveAuthenticator":
      return proveAuthenticator(deps, known(callers.recipient), body as { code: string });
    case "releaseToMember": {
      const released = await releaseToMember(deps, member(), { transfer: transfer(), ...(body as object) } as never);
      return {
        ...releaseBody(scene, released),
        sealedLinkSecret: base64UrlText(known(released.grant.sealedLinkSecret)),
      };
    }
    case "addRecipient":
      await addRecipient(deps, member(), { transfer: transfer(), ...(body as object) } as never);
      return summaryOf(scene, member(), transfer());
    case "setRecoveryKey":
      return setRecoveryKey(deps, member(), body as never);
    case "recoveryKey": {
      const key = await showRecoveryKey(deps, member());
      return { key: key && asJson({ ...key.signer, ...key, deviceName: key.signer.name }) };
    }
    case "requestRecovery":
      return requestRecovery(deps, member(), { transfer: transfer(), ...(body as object) } as never);
    case "listRecoveries": {
      const shown = await listRecoveries(deps, member());
      const recoveries = shown.map(({ recovery, ...rest }) => ({
        ...recovery,
        ...rest,
        released: recovery.releasedKeyHash !== null,
      }));
      return asJson({ recoveries });
    }
    case "approveRecovery":
      return approveRecovery(deps, member(), { recovery: recovery(), ...(body as object) } as never);
    case "releaseRecovery": {
      const released = await releaseRecovery(deps, member(), { recovery: recovery(), ...(body as object) } as never);
      return {
        ...releaseBody(scene, released),
        sealedLinkSecret: base64UrlText(known(released.grant.sealedLinkSecret)),
      };
    }
    case "blobTarget":
      return blobTarget(deps, known(callers.recipient));
    default:
      throw new Error(`the scene has no route ${name}`);
  }
}

/** What the API says of the key service. */
export async function keyServiceBody(scene: ExchangeScene) {
  const { intake, signingPublicKey } = await scene.keys.publicKeys();
  const { publicKey, signature } = intake;
  return {
    signingPublicKey: base64UrlText(signingPublicKey),
    intake: { ...intake, publicKey: base64UrlText(publicKey), signature: base64UrlText(signature) },
  };
}

async function instanceBody(scene: ExchangeScene): Promise<unknown> {
  return {
    evaluation: true,
    setUp: true,
    organisation: null,
    keyService: await keyServiceBody(scene),
    ledger: { origin: "scene.example/log", verifierKey: "", checkpointUrl: "http://scene.example/ledger/checkpoint" },
    mailboxUrl: null,
  };
}

/** Records as JSON has them. */
const asJson = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? base64UrlText(each) : each)));

function chainBody({ requests, ...chain }: ShownChain): unknown {
  const asked = requests.map(({ id: device, ...request }) => ({ device, ...request }));
  return asJson({ ...chain, requests: asked });
}

async function summaryOf(scene: ExchangeScene, caller: MemberCaller, id: TransferId): Promise<unknown> {
  const { transfer, sender, grants, heldParts, holds } = await showTransfer(scene.deps, caller, id);
  const shown = grants.map((grant) => ({
    ...grant,
    ...askedOfRecipient(grant),
    organisation: grant.recipientOrganisation,
    problem: null,
    closesAt: grant.endsAt < grant.notAfter ? grant.endsAt : null,
    closedByOfficer: false,
    secondFactor: demandedFactor(grant)?.kind ?? null,
    locked: isFactorLocked(grant),
  }));
  return { ...transfer, sender: { id: sender.id, name: sender.name }, grants: shown, heldParts, holds };
}

function releaseBody(scene: ExchangeScene, released: Awaited<ReturnType<typeof release>>): Record<string, unknown> {
  const { grant, transfer, device, sealedShares } = released;
  return {
    organisation: grant.organisation,
    transfer: transfer.id,
    grant: grant.id,
    terms: base64UrlText(grant.terms),
    slot: base64UrlText(grant.slot),
    sealedShares: base64UrlText(sealedShares),
    sealRecord: base64UrlText(transfer.sealRecord),
    sealSignature: base64UrlText(transfer.sealSignature),
    signingPublicKey: base64UrlText(device.signingPublicKey),
    blob: scene.urls.read(transfer.id),
  };
}

/** The blob endpoint: 403 for a URL that is too old, problems as the edge words them. */
async function blobAnswer(scene: ExchangeScene, url: URL, init?: RequestInit): Promise<Response> {
  const [, , name = "", , number] = url.pathname.split("/");
  const transfer = known(parseId("transfer", name));
  try {
    if (scene.clock.now() >= Number(url.searchParams.get("expires"))) return Response.json({}, { status: 403 });
    if (init?.method === "PUT") {
      const bytes = copyBytes(new Uint8Array(await new Response(init.body ?? null).arrayBuffer()));
      const part = { transfer, number: Number(number), sizeBytes: Number(url.searchParams.get("size")) };
      const stored = await storePart(scene.deps, { ...part, body: streamOf(bytes) });
      return Response.json({ ...stored, sha256: base64UrlText(stored.sha256) });
    }
    const range = known(/^bytes=([0-9]+)-([0-9]+)$/.exec(new Headers(init?.headers).get("range") ?? ""));
    const [offset, last] = [Number(range[1]), Number(range[2])];
    const pieces: Bytes[] = [];
    const blob = await blobOpener(scene.deps)(transfer);
    for await (const piece of blob.read({ offset, lengthBytes: last - offset + 1 })) pieces.push(piece);
    return new Response(new Blob(pieces), { status: 206 });
  } catch (error) {
    if (!isProblem(error)) throw error;
    const { code, message: title } = error;
    return Response.json({ type: "about:blank", title, status: 503, code }, { status: 503 });
  }
}
