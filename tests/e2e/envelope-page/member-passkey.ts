/**
 * The member key under a passkey's PRF output, as a page would wrap and open it: on the browser's own ports, with the true server's use
 * cases behind a function that the test lends. Devices pass between page and test as text.
 */
import { addPasskey, type ClientPorts, type DeviceOwner, openPasskey, type SendingDevice } from "@safeconduct/client";
import type { Client } from "@safeconduct/contract";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  copyBytes,
  type CryptoPorts,
  isProblem,
} from "@safeconduct/foundation";

declare const askScene: (name: string, options: string) => Promise<string>;

/** Records with byte arrays, as JSON. */
export const asText = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? { bytes: base64UrlText(each) } : each));
export const fromText = (text: string): unknown =>
  JSON.parse(text, (_, each: unknown) => {
    const { bytes } = (each ?? {}) as { bytes?: unknown };
    return typeof bytes === "string" ? base64UrlBytes(bytes) : each;
  });

export interface PasskeyQuestion {
  readonly id: readonly number[];
  readonly salt: string;
}

/** What the test calls. `crypto` is the browser's. */
export function memberPasskeys(crypto: Promise<CryptoPorts>) {
  async function prfOutput({ id, salt }: PasskeyQuestion): Promise<Bytes> {
    const credential = await navigator.credentials.get({
      publicKey: {
        challenge: (await crypto).random.bytes(32),
        allowCredentials: [{ type: "public-key", id: Uint8Array.from(id) }],
        userVerification: "required",
        extensions: { prf: { eval: { first: new TextEncoder().encode(salt) } } },
      },
    });
    const { prf } = (credential as PublicKeyCredential).getClientExtensionResults();
    const output = prf?.results?.first;
    if (!(output instanceof ArrayBuffer)) throw new Error("the passkey gave no PRF output");
    return copyBytes(new Uint8Array(output));
  }
  return {
    /** Id of a new passkey. */
    async make(): Promise<number[]> {
      const { random } = await crypto;
      const made = await navigator.credentials.create({
        publicKey: {
          rp: { name: "Safeconduct" },
          user: { id: random.bytes(16), name: "M. Okafor", displayName: "M. Okafor" },
          challenge: random.bytes(32),
          pubKeyCredParams: [{ type: "public-key", alg: -7 }],
          authenticatorSelection: { residentKey: "required", userVerification: "required" },
          extensions: { prf: {} },
        },
      });
      const { rawId } = made as PublicKeyCredential;
      if (!(made as PublicKeyCredential).getClientExtensionResults().prf?.enabled)
        throw new Error("the device knows no PRF");
      return [...new Uint8Array(rawId)];
    },
    /** Seals the member key to the passkey, at the server. Answers the PRF output, for the test to look for. */
    async wrap(device: string, question: PasskeyQuestion): Promise<number[]> {
      const secret = await prfOutput(question);
      await addPasskey(await pagePorts(), fromText(device) as SendingDevice, { name: "Phone", secret });
      return [...secret];
    },
    /** The device that the passkey stands for, or the code of the problem. */
    async open(owner: string, question: PasskeyQuestion): Promise<string> {
      try {
        return asText(await openPasskey(await pagePorts(), fromText(owner) as DeviceOwner, await prfOutput(question)));
      } catch (error) {
        if (isProblem(error)) return error.code;
        throw error;
      }
    },
  };

  async function pagePorts(): Promise<ClientPorts> {
    const call = async (name: string, options: unknown) =>
      JSON.parse(await askScene(name, JSON.stringify(options ?? {}))) as unknown;
    const wait = async () => undefined;
    return { crypto: await crypto, api: { call } as Client, fetch, wait };
  }
}
