/** What tests of the key service play with: an organisation, its transfers and grants, and devices that open releases. */
import {
  drawShare,
  encodeTerms,
  type GrantTerms,
  grantShareContext,
  openRelease,
  releaseContext,
  sealShare,
  termsHash,
  transferShareContext,
} from "@safeconduct/envelope";
import type { KeyService } from "@safeconduct/exchange";
import {
  type Bytes,
  type Clock,
  type CryptoPorts,
  drawId,
  type OrganisationId,
  Problem,
  type SessionId,
} from "@safeconduct/foundation";
import type { InventoryEntry, NamedShares, StatusAnswer } from "@safeconduct/keyring";

export interface WatchedKeyService extends KeyService {
  status(named: NamedShares): Promise<StatusAnswer>;
  inventory(): AsyncIterable<InventoryEntry>;
}

export type SceneTransfer = Awaited<ReturnType<KeyServiceScene["drawTransfer"]>>;
export type SceneGrant = Awaited<ReturnType<KeyServiceScene["drawGrant"]>>;
export interface SceneDevice {
  readonly publicKey: Bytes;
  readonly ephemeralKeyHash: Bytes;
  readonly session: SessionId;
  ask(...asked: Asked): ReturnType<KeyService["release"]>;
  /** Both shares, or null if the answer is not for this device and grant. */
  open(grant: SceneGrant, answer: { sealedShares: Bytes }): Promise<{ transferShare: Bytes; grantShare: Bytes } | null>;
}
type Asked = [grant: SceneGrant, changed?: Partial<Parameters<KeyService["release"]>[0]>];

const DAY_MS = 86_400_000;

export class KeyServiceScene {
  readonly organisation: OrganisationId;
  private readonly ports: { readonly crypto: CryptoPorts; readonly clock: Clock; readonly keys: WatchedKeyService };

  /** Of a fresh organisation, unless one is given. */
  constructor(ports: { crypto: CryptoPorts; clock: Clock; keys: WatchedKeyService; organisation?: OrganisationId }) {
    this.ports = ports;
    this.organisation = ports.organisation ?? drawId("organisation", ports.crypto.random);
  }

  /** A transfer's request as the sender's client makes it, not yet added. */
  async drawTransfer() {
    const { crypto, keys } = this.ports;
    const scope = { organisation: this.organisation, transfer: drawId("transfer", crypto.random) };
    const share = drawShare(crypto.random);
    const { publicKey } = (await keys.publicKeys()).intake;
    const context = transferShareContext(scope);
    const seal = (other: Bytes) => sealShare(crypto, { publicKey, context, share: other });
    return { ...scope, share, seal, request: { ...scope, sealedTransferShare: await seal(share) } };
  }

  /** A grant's request, not yet added. It runs from now for a day without a cap unless `terms` say otherwise. */
  async drawGrant(
    { transfer }: { transfer: SceneTransfer["transfer"] },
    changed: Partial<Pick<GrantTerms, "kind" | "notBefore" | "notAfter" | "releaseCap">> = {},
  ) {
    const { crypto, clock, keys } = this.ports;
    const now = clock.now();
    const scope = { organisation: this.organisation, transfer, grant: drawId("grant", crypto.random) };
    const kind = { kind: "recipient", profile: "downloadable", purpose: "TREAT" } as const;
    const frozen: GrantTerms = { ...scope, ...kind, notBefore: now, notAfter: now + DAY_MS, releaseCap: 0, ...changed };
    const terms = encodeTerms(frozen);
    const hash = termsHash(crypto.sha256, terms);
    const share = drawShare(crypto.random);
    const { publicKey } = (await keys.publicKeys()).intake;
    const context = grantShareContext({ ...scope, termsHash: hash });
    const seal = (other: Bytes) => sealShare(crypto, { publicKey, context, share: other });
    return {
      ...scope,
      frozen,
      termsHash: hash,
      share,
      seal,
      request: { ...scope, terms, sealedGrantShare: await seal(share) },
    };
  }

  /** A recipient's device with its ephemeral key. */
  async drawDevice(): Promise<SceneDevice> {
    const { crypto } = this.ports;
    const { publicKey, privateKey } = await crypto.hpke.generateKeyPair();
    const ephemeralKeyHash = crypto.sha256(publicKey);
    const device = { publicKey, session: drawId("session", crypto.random) };
    const ask = (...asked: Asked) => this.askFrom(device, ...asked);
    const open = (
      { organisation, transfer, grant, termsHash: hash }: SceneGrant,
      { sealedShares: sealed }: { sealedShares: Bytes },
    ) => {
      const context = releaseContext({ organisation, transfer, grant, termsHash: hash, ephemeralKeyHash });
      return openRelease(crypto, { privateKey, context, sealed });
    };
    return { ...device, ephemeralKeyHash, ask, open };
  }

  /** A release to a device that may come from an earlier scene, that is from before a restart. */
  askFrom({ publicKey, session }: Pick<SceneDevice, "publicKey" | "session">, ...[grant, changed = {}]: Asked) {
    return this.ports.keys.release({
      authorisation: drawId("authorisation", this.ports.crypto.random),
      organisation: grant.organisation,
      transfer: grant.transfer,
      grant: grant.grant,
      session,
      asker: grant.frozen.kind === "recipient" ? "recipient" : "member",
      termsHash: grant.termsHash,
      ephemeralPublicKey: publicKey,
      ...changed,
    });
  }

  /** A transfer that the key service holds. */
  async addTransfer(): Promise<SceneTransfer> {
    const transfer = await this.drawTransfer();
    await this.ports.keys.addTransfer(transfer.request);
    return transfer;
  }

  /** A grant that the key service holds. */
  async addGrant(...drawn: Parameters<KeyServiceScene["drawGrant"]>): Promise<SceneGrant> {
    const grant = await this.drawGrant(...drawn);
    await this.ports.keys.addGrant(grant.request);
    return grant;
  }

  async transferWithGrant(changed: Parameters<KeyServiceScene["drawGrant"]>[1] = {}) {
    const transfer = await this.addTransfer();
    return { transfer, grant: await this.addGrant(transfer, changed) };
  }

  named({
    transfers = [],
    grants = [],
  }: {
    transfers?: readonly SceneTransfer[];
    grants?: readonly SceneGrant[];
  }): NamedShares {
    const { organisation } = this;
    return { organisation, transfers: transfers.map((one) => one.transfer), grants: grants.map((one) => one.grant) };
  }

  async stateOf(shown: {
    transfers?: readonly SceneTransfer[];
    grants?: readonly SceneGrant[];
  }): Promise<readonly string[]> {
    const { transfers, grants } = await this.ports.keys.status(this.named(shown));
    return [...transfers, ...grants].map(({ state }) => state);
  }
}

/** "done", or the code with which it was refused. */
export async function outcomeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return "done";
  } catch (error) {
    if (error instanceof Problem) return String(error.code);
    throw error;
  }
}
