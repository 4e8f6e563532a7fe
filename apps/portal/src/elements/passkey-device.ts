/**
 * The passkeys of this browser and its devices (WebAuthn Level 3 §5.1). It asks the person itself; a person who says no, or waits too
 * long, is no failure of the page.
 */
import { bytesText } from "@safeconduct/contract";
import { base64UrlBytes, type Bytes } from "@safeconduct/foundation";

/** `known`: the device has one of them already. */
export type PasskeyOutcome<Answer> = Answer | "cancelled" | "known" | "unsupported";

/** ES256, Ed25519 and RS256, as the server takes them; what comes first is preferred. */
const ALGORITHMS = [-7, -8, -257];

export const passkeysAreKnown = (): boolean => typeof PublicKeyCredential === "function";

export interface NewPasskeyOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly enrolled: readonly string[];
  /** What a person chooses by when the device has several. */
  readonly name: string;
  /** More about whose it is; some devices show it. */
  readonly displayName: string;
}

/** Makes one that the device finds by itself later, and that always asks who is there. */
export async function makePasskey(options: NewPasskeyOptions): Promise<PasskeyOutcome<ReturnType<typeof made>>> {
  const { rpId, name, displayName } = options;
  return asked(async () => {
    const credential = await navigator.credentials.create({
      publicKey: {
        rp: { id: rpId, name: "Safeconduct" },
        user: { id: known(options.userHandle), name, displayName },
        challenge: known(options.challenge),
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: options.enrolled.map((id) => ({ type: "public-key", id: known(id) })),
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
      },
    });
    return credential === null ? null : made(credential as PublicKeyCredential);
  });
}

/** `allowed`: one of these; absent: whichever the person chooses among those that the device finds by itself. */
export function givePasskey({
  challenge,
  rpId,
  allowed = [],
}: {
  challenge: string;
  rpId: string;
  allowed?: readonly string[];
}): Promise<PasskeyOutcome<ReturnType<typeof used>>> {
  return asked(async () => {
    const credential = await navigator.credentials.get({
      publicKey: {
        challenge: known(challenge),
        rpId,
        userVerification: "required",
        allowCredentials: allowed.map((id) => ({ type: "public-key", id: known(id) })),
      },
    });
    return credential === null ? null : used(credential as PublicKeyCredential);
  });
}

function made({ rawId, response }: PublicKeyCredential) {
  const { clientDataJSON, attestationObject } = response as AuthenticatorAttestationResponse;
  return { credentialId: text(rawId), clientData: text(clientDataJSON), attestationObject: text(attestationObject) };
}

function used({ rawId, response }: PublicKeyCredential) {
  const { clientDataJSON, authenticatorData, signature, userHandle } = response as AuthenticatorAssertionResponse;
  const assertion = {
    credentialId: text(rawId),
    clientData: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
  };
  // Whose it is; null from devices that were told which one to use.
  return { assertion, userHandle: userHandle && text(userHandle) };
}

async function asked<Answer>(ask: () => Promise<Answer | null>): Promise<PasskeyOutcome<Answer>> {
  if (!passkeysAreKnown()) return "unsupported";
  try {
    return (await ask()) ?? "cancelled";
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
    if (name === "InvalidStateError") return "known";
    // A device that cannot do what is demanded, or a page that may not ask.
    if (name === "NotSupportedError" || name === "ConstraintError" || name === "SecurityError") return "unsupported";
    throw error;
  }
}

const text = (buffer: ArrayBuffer): string => bytesText(new Uint8Array(buffer));

function known(encoded: string): Bytes {
  const bytes = base64UrlBytes(encoded);
  if (bytes === null) throw new Error("the server's answer is not base64url");
  return bytes;
}
