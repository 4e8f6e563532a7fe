/** A member's chain that tests write statement by statement, honest or not. */
import {
  type HolderKind,
  type MemberStatement,
  NO_STATEMENT,
  signStatementOf,
  type SignedStatement,
  type StatementBody,
  statementHash,
} from "@safeconduct/envelope";
import {
  type Bytes,
  type CryptoPorts,
  type DeviceId,
  drawId,
  type MemberId,
  type OrganisationId,
} from "@safeconduct/foundation";

export interface HolderOfTest {
  readonly id: DeviceId;
  readonly kind: HolderKind;
  readonly signing: { readonly publicKey: Bytes; readonly privateKey: Bytes };
  readonly hpke: { readonly publicKey: Bytes; readonly privateKey: Bytes };
}

export class ChainOfTest {
  readonly organisation: OrganisationId;
  readonly member: MemberId;
  readonly signed: SignedStatement[] = [];
  private readonly crypto: CryptoPorts;

  constructor(crypto: CryptoPorts) {
    this.crypto = crypto;
    this.organisation = drawId("organisation", crypto.random);
    this.member = drawId("member", crypto.random);
  }

  /** One device and a member key. */
  static async begun(crypto: CryptoPorts) {
    const chain = new ChainOfTest(crypto);
    const first = await chain.holder();
    await chain.say(first, chain.arrival(first));
    const memberKey = await crypto.hpke.generateKeyPair();
    await chain.say(first, { kind: "member-key-set", generation: 1, publicKey: memberKey.publicKey });
    return { chain, first, memberKey };
  }

  async holder(kind: HolderKind = "device"): Promise<HolderOfTest> {
    return {
      id: drawId("device", this.crypto.random),
      kind,
      signing: await this.crypto.signatures.generateKeyPair(),
      hpke: await this.crypto.hpke.generateKeyPair(),
    };
  }

  arrival({ id, kind, signing, hpke }: HolderOfTest): StatementBody {
    const keys = { signingPublicKey: signing.publicKey, hpkePublicKey: hpke.publicKey };
    return { kind: "holder-added", holder: id, holderKind: kind, name: "front desk", ...keys };
  }

  /** Signs and appends. `change` overrides fields of the statement. */
  async say(signer: HolderOfTest, body: StatementBody, change: Partial<MemberStatement> = {}): Promise<this> {
    const { organisation, member } = this;
    const last = this.signed.at(-1);
    const previous = last === undefined ? NO_STATEMENT : statementHash(this.crypto.sha256, last.statement);
    const position = this.signed.length;
    const statement = { organisation, member, position, previous, signer: signer.id, body, ...change };
    this.signed.push(await signStatementOf(this.crypto, { statement, privateKey: signer.signing.privateKey }));
    return this;
  }

  /** A new holder, let in by `signer`. */
  async admit(signer: HolderOfTest, kind: HolderKind = "device"): Promise<HolderOfTest> {
    const holder = await this.holder(kind);
    await this.say(signer, this.arrival(holder));
    return holder;
  }
}
