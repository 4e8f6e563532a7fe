/**
 * What senders do with a sealed transfer in a walk, and what somebody with the API's place does to the key service behind their
 * back. Each step holds the answer against what was true when it began, as in `steps.ts`.
 */
import { addRecipient, type GrantRecord, releaseToMember, type TransferRecord } from "@safeconduct/exchange";
import {
  encodeTerms,
  grantShareContext,
  sealShare,
  signMemberRequest,
  termsHash,
  transferShareContext,
} from "@safeconduct/envelope";
import { type Bytes, drawId, hexText } from "@safeconduct/foundation";
import { type Desk, known } from "@safeconduct/testkit";
import type { Recipient, Sending } from "./people.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;

export class SenderSteps {
  /** Whom somebody wanted to add; who of them has a grant shows in the database. */
  readonly asked: Recipient[] = [];
  private readonly world: World;
  private number = 0;

  constructor(world: World) {
    this.world = world;
  }

  private get deps() {
    return this.world.scene.deps;
  }

  private chance(limit: number): number {
    return this.world.chance(limit);
  }

  /** The sender's own slot, from a device that may or may not be the sender's. */
  async openOwn({ id, draft }: Sending, desk: Desk): Promise<void> {
    const { crypto, keys, doing, endedAt, clock } = this.world;
    const { device } = desk.device;
    const { publicKey } = await crypto.hpke.generateKeyPair();
    const before = await this.transferNow(id);
    const startedAt = clock.now();
    const { organisation } = desk.caller;
    const content = crypto.sha256(publicKey);
    const request = { request: "release", organisation, transfer: id, device, grant: null, content } as const;
    const signature = await signMemberRequest(crypto, { request, privateKey: desk.device.signing.privateKey });
    await releaseToMember(this.deps, desk.caller, { transfer: id, device, ephemeralPublicKey: publicKey, signature });
    if (isOver(before)) throw new Error(`released to the sender when ${before?.state}`);
    const own = known((await this.ownGrant(id)) ?? undefined);
    if (startedAt >= own.notAfter) throw new Error("released to the sender after the end");
    const { grant } = draft.senderGrant;
    if (!keys.served.get(grant)?.has(hexText(publicKey))) throw new Error("answered without the key service");
    const { decidedAt } = known(doing.getStore());
    const latest = Math.max(decidedAt, known(keys.servedAt.get(hexText(publicKey))));
    if ((endedAt.get(id) ?? Number.POSITIVE_INFINITY) < latest)
      throw new Error("released to the sender after it was withdrawn");
  }

  /** A fresh link for somebody new, or in the place of an old one. */
  async addRecipient(sending: Sending, desk: Desk, replaced: Recipient | null): Promise<void> {
    const { crypto, scene, keys } = this.world;
    const { random } = scene;
    const grant = drawId("grant", random);
    const device = desk.device.device;
    const before = await this.transferNow(sending.id);
    const own = await this.ownGrant(sending.id);
    // To the end of the transfer itself, or one past it, or well before.
    const isAtEnd = own !== null && this.chance(3) === 0;
    const notAfter = isAtEnd ? own.notAfter + this.chance(2) : scene.clock.now() + (1 + this.chance(48)) * HOUR_MS;
    const ids = { organisation: desk.caller.organisation, transfer: sending.id, grant };
    const terms = encodeTerms({
      ...ids,
      kind: "recipient",
      profile: sending.draft.profile,
      purpose: sending.draft.purpose,
      notBefore: 0,
      notAfter,
      releaseCap: this.chance(3),
    });
    const content = termsHash(crypto.sha256, terms);
    const { intake } = await scene.keys.publicKeys();
    const sealedGrantShare = await sealShare(crypto, {
      publicKey: intake.publicKey,
      context: grantShareContext({ ...ids, termsHash: content }),
      share: random.bytes(32),
    });
    const request = { request: "add-recipient", ...ids, device, content } as const;
    const signature = await signMemberRequest(crypto, { request, privateKey: desk.device.signing.privateKey });
    const address = replaced?.address ?? `late${this.number++}@hospital.example`;
    const slot = random.bytes(62);
    keys.terms.set(grant, terms);
    const memory = { bearer: "", keys: [], usedMails: new Set<number>(), shown: new Set<string>() };
    this.asked.push({ grant, sending, address, notAfter, verifier: null, slot, ...memory });
    const recipient = {
      grant,
      address,
      name: null,
      organisation: null,
      language: null,
      terms,
      sealedGrantShare,
      slot,
      passcodeVerifierHash: null,
    };
    const addition = { transfer: sending.id, device, signature, recipient, replaces: replaced?.grant ?? null };
    await addRecipient(this.deps, desk.caller, addition);
    if (sending.isRegulated) throw new Error("a link without a second factor was added to what demands one");
    if (isOver(before)) throw new Error(`a link was added to what was ${before?.state}`);
    if (notAfter > known((await this.ownGrant(sending.id)) ?? undefined).notAfter)
      throw new Error("a link was added that outlives the transfer");
  }

  /**
   * Whoever has the API's place tells the key service shares once more: those that the sender sealed, or some of their own. What
   * was destroyed must stay so, and what is there must not be replaced.
   */
  async readd({ id, desk, draft, seal }: Sending): Promise<void> {
    const { crypto, scene } = this.world;
    const { organisation } = desk.caller;
    const isOwn = this.chance(2) === 0;
    const { intake } = await scene.keys.publicKeys();
    const forged = (context: Bytes) =>
      sealShare(crypto, { publicKey: intake.publicKey, context, share: scene.random.bytes(32) });
    if (this.chance(2) === 0) {
      const sealedTransferShare = isOwn
        ? await forged(transferShareContext({ organisation, transfer: id }))
        : draft.sealedTransferShare;
      return scene.keys.addTransfer({ organisation, transfer: id, sealedTransferShare });
    }
    const of = this.chance(seal.grants.length + 1);
    const { grant, terms, sealedGrantShare } = seal.grants[of] ?? draft.senderGrant;
    const context = grantShareContext({
      organisation,
      transfer: id,
      grant,
      termsHash: termsHash(crypto.sha256, terms),
    });
    const share = isOwn ? await forged(context) : sealedGrantShare;
    await scene.keys.addGrant({ organisation, transfer: id, grant, terms, sealedGrantShare: share });
  }

  private transferNow(id: Sending["id"]): Promise<TransferRecord | null> {
    return this.world.durable.store.read((view) => view.findTransfer(id));
  }

  private async ownGrant(id: Sending["id"]): Promise<GrantRecord | null> {
    const grants = await this.world.durable.store.read((view) => view.grantsOf(id));
    return grants.find(({ kind }) => kind === "sender") ?? null;
  }
}

/** Nothing opens it again. A draft may be sealed before the answer. */
const isOver = (transfer: TransferRecord | null): boolean =>
  transfer !== null && ["expired", "revoked", "abandoned", "destroyed"].includes(transfer.state);
