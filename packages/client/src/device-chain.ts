/**
 * The chain of a member's devices, as a client reads and writes it. Whatever the server shows is checked statement by statement and
 * held against what this device saw before; a server can hide the newest statements from it, and nothing else.
 */
import type { chainExtensionRequest, memberChainAnswer } from "@safeconduct/contract";
import {
  activeHolders,
  type ChainPin,
  holdsPin,
  type Holder,
  type MemberChain,
  type MemberScopeOfKeys,
  NO_STATEMENT,
  openMemberKey,
  sealMemberKey,
  signStatementOf,
  type SignedStatement,
  type StatementBody,
  statementHash,
  verifyMemberChain,
} from "@safeconduct/envelope";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  type CryptoPorts,
  type DeviceId,
  isProblem,
} from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import type { SendingDevice } from "./sending-device.ts";

export type ChainAnswer = (typeof memberChainAnswer)["_output"];
type ExtensionBody = (typeof chainExtensionRequest)["_input"];

/** Another device may append at the same moment; whoever was later reads again and tries again. */
const ATTEMPT_LIMIT = 5;

export interface Wrap {
  readonly generation: number;
  readonly holder: DeviceId;
  readonly sealed: Bytes;
}

/** Appends to a chain whose head is known. */
export class StatementWriter {
  readonly statements: SignedStatement[] = [];
  readonly from: number;
  private readonly crypto: CryptoPorts;
  private readonly scope: MemberScopeOfKeys;
  private previous: Bytes;

  /** `head`: null for a chain that begins. */
  constructor(crypto: CryptoPorts, { organisation, member }: MemberScopeOfKeys, head: ChainPin | null) {
    this.crypto = crypto;
    this.scope = { organisation, member };
    this.from = head === null ? 0 : head.position + 1;
    this.previous = head?.hash ?? NO_STATEMENT;
  }

  get head(): ChainPin {
    return { position: this.from + this.statements.length - 1, hash: this.previous };
  }

  async say(signer: DeviceId, privateKey: Bytes, body: StatementBody): Promise<void> {
    const position = this.from + this.statements.length;
    const statement = { ...this.scope, position, previous: this.previous, signer, body };
    const signed = await signStatementOf(this.crypto, { statement, privateKey });
    this.statements.push(signed);
    this.previous = statementHash(this.crypto.sha256, signed.statement);
  }
}

export interface Extension {
  readonly from: number;
  readonly statements: readonly SignedStatement[];
  readonly wraps: readonly Wrap[];
  readonly sealedKeys?: readonly { readonly holder: DeviceId; readonly sealed: Bytes }[];
  readonly approvals?: readonly { readonly device: DeviceId; readonly proof: Bytes }[];
  readonly startOver?: boolean;
}

/** May be repeated: the same statements again change nothing. */
export async function extendChain(ports: ClientPorts, extension: Extension): Promise<void> {
  const { from, statements, wraps, sealedKeys = [], approvals = [], startOver = false } = extension;
  const body: ExtensionBody = {
    from,
    statements: statements.map(({ statement, signature }) => ({
      statement: base64UrlText(statement),
      signature: base64UrlText(signature),
    })),
    wraps: wraps.map(({ sealed, ...wrap }) => ({ ...wrap, sealed: base64UrlText(sealed) })),
    sealedKeys: sealedKeys.map(({ holder, sealed }) => ({ holder, sealed: base64UrlText(sealed) })),
    approvals: approvals.map(({ device, proof }) => ({ device, proof: base64UrlText(proof) })),
    startOver,
  };
  await persistently(ports, () => ports.api.call("extendMemberChain", { body }));
}

export interface ReadChain {
  readonly chain: MemberChain;
  readonly answer: ChainAnswer;
}

/** The chain as the server shows it, every signature checked, held against nothing yet. Problem `client/other-devices`. */
export async function readChain(ports: ClientPorts, scope: MemberScopeOfKeys): Promise<ReadChain> {
  const answer = await persistently(ports, () => ports.api.call("memberChain"));
  const statements = answer.statements.map(({ statement, signature }) => ({
    statement: bytes(statement),
    signature: bytes(signature),
  }));
  const { organisation, member } = scope;
  const chain = await verifyMemberChain(ports.crypto, { organisation, member }, statements);
  if (chain === null) throw clientProblem("client/other-devices");
  return { chain, answer };
}

/**
 * This device with what is new: a later statement to remember, member keys that others have made. Keep what comes back.
 * Problems: `client/other-devices` (this is not the chain that the device knows, or a key in it is withheld), `client/device-removed`.
 */
export async function syncDevice(
  ports: ClientPorts,
  device: SendingDevice,
): Promise<ReadChain & { readonly device: SendingDevice }> {
  const read = await readChain(ports, device);
  if (!holdsPin(read.chain, device.chain)) throw clientProblem("client/other-devices");
  return { ...read, device: await withNews(ports, device, read) };
}

async function withNews(
  ports: ClientPorts,
  device: SendingDevice,
  { chain, answer }: ReadChain,
): Promise<SendingDevice> {
  const holder = chain.holders.get(device.device);
  if (holder === undefined) throw clientProblem("client/other-devices");
  if (holder.removedAt !== null) throw clientProblem("client/device-removed");
  const memberKeys = await openMemberKeys(ports, {
    chain,
    answer,
    holder: device.device,
    privateKey: device.hpke.privateKey,
    held: device.memberKeys,
  });
  return { ...device, memberKeys, chain: chain.head };
}

/**
 * Every member key that is sealed to `holder`. The newest must be among them; an older one may be missing, then what was sealed to it
 * stays closed. Problem `client/other-devices`.
 */
export async function openMemberKeys(
  { crypto }: ClientPorts,
  {
    chain,
    answer,
    holder,
    privateKey,
    held = [],
  }: ReadChain & { holder: DeviceId; privateKey: Bytes; held?: SendingDevice["memberKeys"] },
): Promise<SendingDevice["memberKeys"]> {
  const { organisation, member } = chain;
  const opened: SendingDevice["memberKeys"][number][] = [];
  for (const { generation, publicKey: memberPublicKey } of chain.memberKeys) {
    const known = held.find((key) => key.generation === generation);
    const wrap = answer.wraps.find((each) => each.generation === generation && each.holder === holder);
    const scope = { organisation, member, generation, holder };
    const key =
      known ??
      (wrap && (await openMemberKey(crypto, { privateKey, scope, sealed: bytes(wrap.sealed), memberPublicKey })));
    if (key) opened.push({ ...key, generation });
  }
  if (opened.at(-1)?.generation !== chain.memberKeys.length) throw clientProblem("client/other-devices");
  return opened;
}

/** `memberKeys` sealed to one holder. */
export function sealToHolder(
  { crypto }: ClientPorts,
  { organisation, member }: MemberScopeOfKeys,
  { id: holder, hpkePublicKey: publicKey }: Pick<Holder, "id" | "hpkePublicKey">,
  memberKeys: SendingDevice["memberKeys"],
): Promise<readonly Wrap[]> {
  return Promise.all(
    memberKeys.map(async ({ generation, privateKey }) => {
      const scope = { organisation, member, generation, holder };
      return { generation, holder, sealed: await sealMemberKey(crypto, { publicKey, scope, privateKey }) };
    }),
  );
}

/** What one change of the chain is made of, read anew for each attempt. */
export interface ChainChange {
  readonly ports: ClientPorts;
  readonly device: SendingDevice;
  readonly chain: MemberChain;
  readonly answer: ChainAnswer;
  readonly writer: StatementWriter;
  /** A statement by this device. */
  readonly say: (body: StatementBody) => Promise<void>;
}

/** Reads the chain, has `make` say what changes, appends it, and answers the device as it is then. Again when somebody was faster. */
export async function changeChain<Result>(
  ports: ClientPorts,
  device: SendingDevice,
  make: (change: ChainChange) => Promise<Omit<Extension, "from" | "statements"> & { readonly result: Result }>,
): Promise<{ readonly device: SendingDevice; readonly result: Result }> {
  for (let attempt = 1; ; attempt++) {
    const current = await syncDevice(ports, device);
    const { signing } = current.device;
    const writer = new StatementWriter(ports.crypto, device, current.chain.head);
    const say = (body: StatementBody) => writer.say(device.device, signing.privateKey, body);
    const { result, ...rest } = await make({ ports, ...current, writer, say });
    try {
      await extendChain(ports, { from: writer.from, statements: writer.statements, ...rest });
    } catch (error) {
      if (!isProblem(error) || error.code !== "device/chain-moved" || attempt >= ATTEMPT_LIMIT) throw error;
      continue;
    }
    return { device: (await syncDevice(ports, current.device)).device, result };
  }
}

/** Says who goes and makes a new member key, sealed to everybody who stays. Answers the wraps and the new key. */
export async function removeHolders({ ports, device, chain, say }: ChainChange, gone: readonly DeviceId[]) {
  for (const holder of gone) await say({ kind: "holder-removed", holder });
  const generation = chain.memberKeys.length + 1;
  const memberKey = { generation, ...(await ports.crypto.hpke.generateKeyPair()) };
  await say({ kind: "member-key-set", generation, publicKey: memberKey.publicKey });
  const staying = activeHolders(chain).filter(({ id }) => !gone.includes(id));
  const wraps = await Promise.all(staying.map((holder) => sealToHolder(ports, device, holder, [memberKey])));
  return { wraps: wraps.flat(), memberKeys: [...device.memberKeys, memberKey] };
}

/** Takes a device, a passkey or the recovery key out. Problem `device/unknown`. */
export function removeDevice(ports: ClientPorts, device: SendingDevice, id: DeviceId) {
  return changeChain(ports, device, async (change) => {
    if (!activeHolders(change.chain).some((holder) => holder.id === id && id !== device.device))
      throw clientProblem("client/no-such-device");
    const { wraps } = await removeHolders(change, [id]);
    return { wraps, result: undefined };
  });
}

/** Attacker-controlled text. Problem `client/other-devices`. */
export function bytes(text: string): Bytes {
  const decoded = base64UrlBytes(text);
  if (decoded === null) throw clientProblem("client/other-devices");
  return decoded;
}
