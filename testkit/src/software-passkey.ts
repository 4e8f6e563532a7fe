/**
 * A passkey without a device: ES256, and whatever it is told to lie about. What it writes is laid out in WebAuthn Level 3 §6.1 and
 * §6.5.4, written once more here, so that no implementation is its own judge.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { PasskeyAssertion, PasskeyRegistration } from "@safeconduct/exchange";
import { base64UrlText, type Bytes, copyBytes, utf8Bytes } from "@safeconduct/foundation";

const PRESENT = 0x01;
const VERIFIED = 0x04;
const WITH_CREDENTIAL = 0x40;

export interface PasskeyTwist {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  /** More members of the client data, or other values for them. */
  readonly clientData?: object;
  readonly isPresent?: boolean;
  readonly isVerified?: boolean;
  readonly counter?: number;
  readonly attestation?: { readonly format: string; readonly statement: Buffer };
  readonly algorithm?: number;
}

export class SoftwarePasskey {
  readonly credentialId: Bytes;
  counter = 0;
  private readonly privateKey: KeyObject;
  private readonly x: Buffer;
  private readonly y: Buffer;
  private readonly at: { readonly origin: string; readonly rpId: string };

  constructor(at: { readonly origin: string; readonly rpId: string }) {
    this.at = at;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.privateKey = privateKey;
    [this.x, this.y] = [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
    this.credentialId = copyBytes(createHash("sha256").update(this.x).digest().subarray(0, 20));
  }

  register(challenge: Bytes, twist: PasskeyTwist = {}): PasskeyRegistration {
    const { format, statement } = twist.attestation ?? { format: "none", statement: Buffer.of(0xa0) };
    const idLength = Buffer.alloc(2);
    idLength.writeUInt16BE(this.credentialId.length);
    const credential = Buffer.concat([Buffer.alloc(16), idLength, this.credentialId, this.coseKey(twist.algorithm)]);
    const authData = Buffer.concat([this.head(WITH_CREDENTIAL, twist), credential]);
    const attestationObject = Buffer.concat([
      Buffer.of(0xa3),
      cborText("fmt"),
      cborText(format),
      cborText("attStmt"),
      statement,
      cborText("authData"),
      cborBytes(authData),
    ]);
    return {
      credentialId: this.credentialId,
      clientData: this.clientData("webauthn.create", challenge, twist),
      attestationObject: copyBytes(attestationObject),
    };
  }

  assert(challenge: Bytes, twist: PasskeyTwist = {}): PasskeyAssertion {
    const clientData = this.clientData("webauthn.get", challenge, twist);
    const authenticatorData = this.head(0, twist);
    const signed = Buffer.concat([authenticatorData, createHash("sha256").update(clientData).digest()]);
    return {
      credentialId: this.credentialId,
      clientData,
      authenticatorData: copyBytes(authenticatorData),
      signature: copyBytes(sign("sha256", signed, this.privateKey)),
    };
  }

  private clientData(type: string, challenge: Bytes, twist: PasskeyTwist): Bytes {
    const { origin = this.at.origin } = twist;
    const fields = { type: twist.type ?? type, challenge: base64UrlText(challenge), origin, crossOrigin: false };
    return utf8Bytes(JSON.stringify({ ...fields, ...twist.clientData }));
  }

  private head(flags: number, { rpId = this.at.rpId, isPresent, isVerified, counter }: PasskeyTwist): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter ?? ++this.counter);
    const all = flags | (isPresent === false ? 0 : PRESENT) | (isVerified === false ? 0 : VERIFIED);
    return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.of(all), count]);
  }

  /** {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}. */
  private coseKey(algorithm = -7): Buffer {
    const head = [0xa5, 0x01, 0x02, 0x03, -1 - algorithm + 0x20, 0x20, 0x01, 0x21];
    return Buffer.concat([Buffer.from(head), cborBytes(this.x), Buffer.of(0x22), cborBytes(this.y)]);
  }
}

const cborText = (text: string): Buffer => Buffer.concat([Buffer.of(0x60 + text.length), Buffer.from(text)]);

function cborBytes(bytes: Buffer): Buffer {
  const head = Buffer.of(0x59, bytes.length >> 8, bytes.length & 255);
  return Buffer.concat([bytes.length < 256 ? Buffer.of(0x58, bytes.length) : head, bytes]);
}
