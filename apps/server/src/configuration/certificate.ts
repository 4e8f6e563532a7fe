/** A TLS certificate and its key, looked at before a browser does. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/** Renewals come a month before the end; a certificate this near to it was forgotten. */
const NEAR_END_MS = 14 * 24 * 60 * 60 * 1000;

/** What is wrong with a pair for `host`; nothing where a browser could accept it at the right time. */
export function certificateProblems(
  { certificate, key }: { certificate: string; key: string },
  host: string,
): readonly string[] {
  const leaf = parsed(() => new X509Certificate(certificate));
  const privateKey = parsed(() => createPrivateKey(key));
  const problems: string[] = [];
  if (leaf === null) problems.push("tls.certificateFile: not a certificate in PEM form, the server's own first");
  if (privateKey === null) problems.push("tls.keyFile: not a private key in PEM form without a passphrase");
  if (leaf === null) return problems;
  return [...problems, ...leafProblems(leaf, privateKey, host)];
}

/** What time does to a certificate at `now` (milliseconds since the epoch). Browsers refuse it, but everything else goes on. */
export function certificateWarnings(certificate: string, now: number): readonly string[] {
  const leaf = parsed(() => new X509Certificate(certificate));
  if (leaf === null) return [];
  const [from, to] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
  if (now < from) return ["tls.certificateFile: the certificate is not valid yet"];
  if (now >= to) return ["tls.certificateFile: the certificate has run out"];
  return now >= to - NEAR_END_MS ? [`tls.certificateFile: the certificate runs out on ${leaf.validTo}`] : [];
}

function leafProblems(leaf: X509Certificate, key: KeyObject | null, host: string): readonly string[] {
  const problems: string[] = [];
  const name = host.replace(/^\[(.*)\]$/, "$1");
  if ((isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) === undefined)
    problems.push(`tls.certificateFile: the certificate is not for ${name}`);
  if (key !== null && !leaf.checkPrivateKey(key)) problems.push("tls.keyFile: the key is not the certificate's");
  return problems;
}

function parsed<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
