/**
 * The checks of a relying party by @simplewebauthn/server. Stricter than it in three ways: user verification is always demanded, no
 * answer from inside another site's frame counts, and no attestation with certificates is looked at, because that would have this
 * server fetch revocation lists from where the certificates of an attacker say.
 */
import type { PasskeyAssertion, PasskeyRegistration, Passkeys } from "@safeconduct/exchange";
import { base64UrlText, type Bytes, copyBytes, utf8Text } from "@safeconduct/foundation";

export interface RelyingParty {
  /** Scheme, host and port of the portal's pages. Asked at each check: a port may be known only later. */
  readonly origin: () => string;
}

/** COSE algorithms: Ed25519, ES256, and RS256 for what comes with older versions of Windows. */
const ALGORITHMS = [-8, -7, -257];

export function webauthnPasskeys({ origin }: RelyingParty): Passkeys {
  const expected = (challenge: Bytes) => ({
    expectedChallenge: base64UrlText(challenge),
    expectedOrigin: origin(),
    expectedRPID: rpId(),
    requireUserVerification: true,
  });
  function rpId(): string {
    return new URL(origin()).hostname;
  }
  return {
    rpId,
    registered: ({ challenge, registration }) =>
      orNull(async () => {
        const { verifyRegistrationResponse } = await library();
        if (isFramed(registration.clientData) || !(await isWithoutCertificates(registration))) return null;
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          ...expected(challenge),
          supportedAlgorithmIDs: ALGORITHMS,
          response: registrationJson(registration),
        });
        if (!verified) return null;
        const { id, publicKey, counter } = registrationInfo.credential;
        // The library goes by the attestation; what stands beside it must be the same.
        if (id !== base64UrlText(registration.credentialId)) return null;
        return { credentialId: registration.credentialId, publicKey: copyBytes(publicKey), counter };
      }),
    asserted: ({ challenge, credential, assertion }) =>
      orNull(async () => {
        const { verifyAuthenticationResponse } = await library();
        const id = base64UrlText(credential.credentialId);
        if (isFramed(assertion.clientData) || id !== base64UrlText(assertion.credentialId)) return null;
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          ...expected(challenge),
          response: assertionJson(assertion),
          // Zero: the library would judge the counter outside the transaction that holds it.
          credential: { id, publicKey: credential.publicKey, counter: 0 },
        });
        return verified ? { counter: authenticationInfo.newCounter } : null;
      }),
  };
}

/** With its parsers of certificates it takes a while to load, and a server that nobody asks needs none of it. */
const library = () => import("@simplewebauthn/server");

/** The library throws for every kind of wrong. Which one it was helps only an attacker. */
async function orNull<Value>(work: () => Promise<Value | null>): Promise<Value | null> {
  try {
    return await work();
  } catch {
    return null;
  }
}

/** WebAuthn Level 3 §13.4.9. The pages cannot be framed, so nothing true says this. */
function isFramed(clientData: Bytes): boolean {
  const { crossOrigin, topOrigin } = JSON.parse(utf8Text(clientData) ?? "") as Record<string, unknown>;
  return (crossOrigin ?? false) !== false || topOrigin !== undefined;
}

/** We ask for none; a device may sign with the new key itself all the same (§5.1.3, self attestation). */
async function isWithoutCertificates({ attestationObject }: PasskeyRegistration): Promise<boolean> {
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  const decoded = decodeAttestationObject(attestationObject);
  const format = decoded.get("fmt");
  return format === "none" || (format === "packed" && decoded.get("attStmt").get("x5c") === undefined);
}

const responseJson = (credentialId: Bytes) => ({
  id: base64UrlText(credentialId),
  rawId: base64UrlText(credentialId),
  type: "public-key" as const,
  clientExtensionResults: {},
});

const registrationJson = ({ credentialId, clientData, attestationObject }: PasskeyRegistration) => ({
  ...responseJson(credentialId),
  response: { clientDataJSON: base64UrlText(clientData), attestationObject: base64UrlText(attestationObject) },
});

const assertionJson = ({ credentialId, clientData, authenticatorData, signature }: PasskeyAssertion) => ({
  ...responseJson(credentialId),
  response: {
    clientDataJSON: base64UrlText(clientData),
    authenticatorData: base64UrlText(authenticatorData),
    signature: base64UrlText(signature),
  },
});
