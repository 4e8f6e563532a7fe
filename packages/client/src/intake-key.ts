/** The key service's intake key of the hour, taken from the server and believed for the pinned signature alone. */
import { verifyIntakeKey } from "@safeconduct/envelope";
import { base64UrlBytes, type Bytes } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { CLOCK_SKEW_LIMIT_MS } from "./limits.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import type { SendProgress } from "./progress.ts";
import type { SendingDevice } from "./sending-device.ts";

/** The HPKE public key to which shares are sealed now. Problems `client/other-key-service`, `client/clock-wrong`. */
export async function askIntakeKey(
  ports: ClientPorts & { readonly now: () => number },
  { keyServiceSigningKey: signingPublicKey }: Pick<SendingDevice, "keyServiceSigningKey">,
  progress: SendProgress = {},
): Promise<Bytes> {
  const { keyService } = await persistently(ports, () => ports.api.call("instance"), progress);
  const { publicKey: keyText, notBefore, notAfter, signature: signatureText } = keyService.intake;
  const [publicKey, signature] = [base64UrlBytes(keyText), base64UrlBytes(signatureText)];
  const whole = publicKey !== null && signature !== null && isTime(notBefore) && isTime(notAfter);
  if (!whole) throw clientProblem("client/other-key-service");
  const key = { publicKey, notBefore, notAfter, signature };
  if (!(await verifyIntakeKey(ports.crypto, { signingPublicKey, key })))
    throw clientProblem("client/other-key-service");
  // An old one may be one whose private key somebody has by now; a server that keeps it back looks like a clock that is off.
  const now = ports.now();
  const inUse = notBefore - CLOCK_SKEW_LIMIT_MS <= now && now < notAfter + CLOCK_SKEW_LIMIT_MS;
  if (!inUse) throw clientProblem("client/clock-wrong");
  return publicKey;
}

const isTime = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
