/**
 * What senders, recipients, operators and thieves do in a walk. Each step calls the use cases as the edge would and holds the
 * answer against what was true when it began; what it may not get, it must not get. A step throws where something is wrong.
 */
import {
  abandonTransfer,
  certificateOf,
  confirmAddress,
  destroyDueOf,
  draftTransfer,
  eraseTransfer,
  type GrantRecord,
  isFactorLocked,
  blobOpener,
  provePasscode,
  recipientOf,
  recordReceipt,
  release,
  revokeGrant,
  revokeTransfer,
  sealTransfer,
  sendCode,
  sweep,
  type TransferRecord,
} from "@safeconduct/exchange";
import { type Bytes, drawId, equalBytes, hexText, isProblem } from "@safeconduct/foundation";
import { parseCertificate, verifyCertificate } from "@safeconduct/ledger";
import { type Desk, known, putPart } from "@safeconduct/testkit";
import type { Invariants } from "./invariants.ts";
import type { Recipient, Sending } from "./people.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;
const NO_SESSION = "no session";
const CLOSED_GRANT: ReadonlySet<GrantRecord["state"]> = new Set(["revoked", "expired", "pending"]);
const CLOSED_TRANSFER: ReadonlySet<TransferRecord["state"]> = new Set(["draft", "revoked", "abandoned", "destroyed"]);

/** What came of it where that is more than that it was done. */
type Outcome = string | void;

export class Steps {
  private readonly world: World;
  private readonly invariants: Invariants;
  private readonly quotaBytes: number;
  /** One for a life, as a server has it. */
  private readonly openBlob: ReturnType<typeof blobOpener>;

  constructor(world: World, invariants: Invariants, quotaBytes: number) {
    this.world = world;
    this.invariants = invariants;
    this.quotaBytes = quotaBytes;
    this.openBlob = blobOpener(this.deps);
  }

  private get deps() {
    return this.world.scene.deps;
  }

  private chance(limit: number): number {
    return this.world.chance(limit);
  }

  async draft({ desk, draft, seal }: Sending): Promise<void> {
    for (const { grant, terms } of [draft.senderGrant, ...seal.grants]) this.world.keys.terms.set(grant, terms);
    await draftTransfer({ ...this.deps, quotaBytes: this.quotaBytes }, desk.caller, draft);
  }

  async put(sending: Sending): Promise<void> {
    const { bytes } = known(sending.parts[0]);
    await putPart(this.world.scene, sending, 1, this.chance(8) === 0 ? bytes.map((byte) => byte ^ 1) : bytes);
  }

  async seal({ seal }: Sending, desk: Desk): Promise<void> {
    await sealTransfer(this.deps, desk.caller, seal);
  }

  /** As an honest client does it. */
  async send(sending: Sending): Promise<void> {
    await this.draft(sending);
    await putPart(this.world.scene, sending, 1);
    await this.seal(sending, sending.desk);
  }

  async abandon({ id }: Sending, desk: Desk): Promise<void> {
    await abandonTransfer(this.deps, desk.caller, id);
  }

  async revokeAll({ id }: Sending, desk: Desk): Promise<void> {
    await revokeTransfer(this.deps, desk.caller, id);
    if (this.chance(2) === 0) await this.destroyDue(id);
  }

  async revoke({ grant, sending: { id } }: Recipient, desk: Desk): Promise<void> {
    await revokeGrant(this.deps, desk.caller, { transfer: id, grant });
    if (this.chance(2) === 0) await this.destroyDue(id);
  }

  async erase({ id }: Sending, desk: Desk): Promise<void> {
    await eraseTransfer(this.deps, desk.caller, id);
    const names = (await this.world.durable.store.read((view) => view.grantsOf(id))).map(({ address }) => address);
    if (names.some((address) => address !== "")) throw new Error("erased and still there");
  }

  /** As whoever gets it verifies it. */
  async certificate({ id }: Sending, desk: Desk): Promise<void> {
    const { ledger, crypto, logKey } = this.world.scene;
    const view = {
      size: ledger.size,
      readTile: (path: string) => this.world.durable.tiles.readTile(path),
      checkpointCovering: async () => ({ size: ledger.size, text: ledger.checkpointText }),
    };
    const certificate = read(await certificateOf({ ...this.deps, ledger: view }, desk.caller, id));
    const verdict = await verifyCertificate(crypto, certificate, { logKey });
    if (!verdict.ok) throw new Error(`a certificate does not verify: ${verdict.failure}`);
    const due = this.invariants.placesOf(id).filter((place) => place < view.size);
    if (due.some((place, at) => verdict.entries[at]?.index !== place))
      throw new Error("a certificate leaves entries out");
  }

  async read({ id, parts }: Sending): Promise<void> {
    const before = await this.transferNow(id);
    try {
      const blob = await this.openBlob(id);
      let at = 0;
      for await (const piece of blob.read({ offset: 0, lengthBytes: Math.min(64, blob.lengthBytes) })) {
        if (!equalBytes(piece, known(parts[0]).bytes.subarray(at, at + piece.length)))
          throw new Error("other bytes are read than were sealed");
        at += piece.length;
      }
    } catch (error) {
      // It may be destroyed while it is read; before that nothing may be missing.
      const isDamaged = isProblem(error) && error.code === "storage/damaged";
      const after = await this.transferNow(id);
      if (isDamaged && before?.state === "active" && after?.state === "active")
        throw new Error("sealed bytes are not there", { cause: error });
      throw error;
    }
  }

  /** What time brings: ends, destructions, and mails that found no way before. */
  async sweep(): Promise<void> {
    await this.world.scene.outbox.nudge();
    await sweep(this.deps, { expiryGraceMs: this.chance(2) * HOUR_MS });
  }

  async askForCode({ grant }: Recipient): Promise<void> {
    await sendCode(this.deps, grant);
  }

  async confirm(recipient: Recipient, isHonest = false): Promise<void> {
    const { index, code } = this.newestMail(recipient);
    const isWrong = code === null || (!isHonest && this.chance(4) === 0);
    const shown = isWrong ? "000000" : code;
    const { session } = await confirmAddress(this.deps, { grant: recipient.grant, code: shown });
    if (shown !== code) throw new Error("a wrong code was taken");
    if (recipient.usedMails.has(index)) throw new Error("a code was taken twice");
    recipient.usedMails.add(index);
    recipient.bearer = session;
  }

  async visit(recipient: Recipient): Promise<void> {
    await this.askForCode(recipient);
    await this.confirm(recipient);
  }

  /** From the link to the shares, as an honest recipient comes. */
  async journey(recipient: Recipient): Promise<Outcome> {
    if ((await this.caller(recipient)) === null) {
      await this.askForCode(recipient);
      await this.confirm(recipient, true);
    }
    if (recipient.verifier !== null) await this.passcode(recipient, true);
    return this.release(recipient, await this.keyFor(recipient));
  }

  async passcode(recipient: Recipient, isHonest = false): Promise<Outcome> {
    const caller = await this.caller(recipient);
    if (caller === null) return NO_SESSION;
    const before = await this.grantNow(recipient);
    const isRight = recipient.verifier !== null && (isHonest || this.chance(3) !== 0);
    // Already when it is on its way: the answer may get lost.
    if (isRight) recipient.shown.add(caller.session);
    const verifier = isRight ? known(recipient.verifier ?? undefined) : this.world.scene.random.bytes(32);
    await provePasscode(this.deps, caller, { verifier });
    if (!recipient.shown.has(caller.session)) throw new Error("a wrong passcode was taken");
    // A revocation may have ended the session since.
    const session = await this.sessionNow(caller.session);
    if (isFactorLocked(before) && session?.factorPassedAt === null) throw new Error("a locked grant took a passcode");
    return "done";
  }

  async release(recipient: Recipient, key: Bytes): Promise<Outcome> {
    const { grant, sending, notAfter } = recipient;
    const { doing, keys, endedAt, clock } = this.world;
    const [before, transfer, startedAt] = [
      await this.grantNow(recipient),
      await this.transferNow(sending.id),
      clock.now(),
    ];
    const caller = await this.caller(recipient);
    if (caller === null) return NO_SESSION;
    const released = await release(this.deps, caller, key);
    if (CLOSED_GRANT.has(before.state)) throw new Error(`released when ${before.state}`);
    if (CLOSED_TRANSFER.has(known(transfer ?? undefined).state)) throw new Error(`released when ${transfer?.state}`);
    if (startedAt >= notAfter) throw new Error("released after the end, by the server's clock");
    if (sending.isRegulated && !recipient.shown.has(caller.session)) throw new Error("released without the passcode");
    if (!keys.served.get(grant)?.has(hexText(key))) throw new Error("answered without the key service");
    if (!equalBytes(released.grant.slot, recipient.slot)) throw new Error("the slot of another grant");
    const { decidedAt } = known(doing.getStore());
    const latest = Math.max(decidedAt, known(keys.servedAt.get(hexText(key))));
    for (const id of [grant, sending.id])
      if ((endedAt.get(id) ?? Number.POSITIVE_INFINITY) < latest) throw new Error("released after it was withdrawn");
    return "done";
  }

  /** A key that was brought before, or a new one. */
  async keyFor({ keys }: Recipient): Promise<Bytes> {
    const old = keys[this.chance(4)];
    if (old !== undefined) return old;
    const { publicKey } = await this.world.crypto.hpke.generateKeyPair();
    keys.push(publicKey);
    return publicKey;
  }

  async receipt(recipient: Recipient): Promise<Outcome> {
    const caller = await this.caller(recipient);
    if (caller === null) return NO_SESSION;
    await recordReceipt(this.deps, caller, { files: 1 });
    if ((await this.grantNow(recipient)).releases === 0) throw new Error("a receipt before anything was opened");
    return "done";
  }

  /** Somebody tries a session of one grant on another. */
  async borrow(recipient: Recipient, other: Recipient): Promise<Outcome> {
    if (other.grant === recipient.grant) return "the same";
    const caller = await recipientOf(this.deps, { grant: recipient.grant, bearer: other.bearer });
    if (caller !== null) throw new Error("a session of another grant was taken");
    return "refused";
  }

  /** Asks the key service directly, past the database: it must hold the terms, the cap and the destruction by itself. */
  async steal({ grant, sending: { id, desk } }: Recipient): Promise<void> {
    const { random, keys } = this.world.scene;
    const { termsHash } = known((await this.world.durable.store.read((view) => view.findGrant(grant))) ?? undefined);
    await keys.release({
      authorisation: drawId("authorisation", random),
      organisation: desk.organisation.id,
      transfer: id,
      grant,
      session: drawId("session", random),
      asker: this.chance(4) === 0 ? "member" : "recipient",
      termsHash,
      ephemeralPublicKey: (await this.world.crypto.hpke.generateKeyPair()).publicKey,
    });
  }

  /** Asks it to destroy on the word of time, whatever time it is: what is still open must stay. */
  async hurry({ grant, sending: { id, desk } }: Recipient): Promise<void> {
    const isWhole = this.chance(2) === 0;
    const named = { transfers: isWhole ? [id] : [], grants: isWhole ? [] : [grant] };
    await this.world.scene.keys.shred({ organisation: desk.organisation.id, ...named }, { checkpointAt: null });
  }

  /** An operator denies at the key service, or lets again what may be let. */
  async pause({ grant, sending: { id, desk } }: Recipient): Promise<void> {
    const { keys } = this.world.scene;
    const named = { organisation: desk.organisation.id, transfers: this.chance(2) === 0 ? [id] : [], grants: [grant] };
    await (this.chance(3) === 0 ? keys.suspend(named) : keys.resume(named));
  }

  async hold({ id, desk }: Sending): Promise<void> {
    const { keys, random } = this.world.scene;
    const held = this.world.keys.holds.get(id);
    if (held !== undefined) return keys.liftHold(held);
    await keys.hold({ organisation: desk.organisation.id, transfer: id, hold: drawId("hold", random) });
  }

  private destroyDue(id: Sending["id"]): Promise<void> {
    return destroyDueOf({ ...this.deps, now: this.deps.now }, id);
  }

  /** The caller as the edge would find it, or null. */
  private caller({ grant, bearer }: Recipient) {
    return recipientOf(this.deps, { grant, bearer });
  }

  private newestMail({ address }: Recipient): { index: number; code: string | null } {
    const { messages } = this.world.durable.mail;
    const index = messages.findLastIndex(({ to }) => to === address);
    return { index, code: /code: ([0-9]{6})/.exec(messages[index]?.text ?? "")?.[1] ?? null };
  }

  private async grantNow({ grant }: Recipient): Promise<GrantRecord> {
    return known((await this.world.durable.store.read((view) => view.findGrant(grant))) ?? undefined);
  }

  private transferNow(id: Sending["id"]): Promise<TransferRecord | null> {
    return this.world.durable.store.read((view) => view.findTransfer(id));
  }

  private async sessionNow(session: Parameters<typeof recordReceipt>[1]["session"]) {
    return (await this.world.durable.store.read((view) => view.findVerificationById(session))) ?? undefined;
  }
}

function read(certificate: string) {
  try {
    return parseCertificate(certificate);
  } catch (error) {
    throw new Error("a certificate was issued that nobody can read", { cause: error });
  }
}
