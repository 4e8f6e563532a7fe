/**
 * What a link's terms ask its recipient to accept. They come with the confirmed address, before anything is authenticated; what was
 * shown and accepted is held against the sealed terms when the package opens.
 */
import { type Conditions, decodeTerms, type GrantTerms, termsHash } from "@safeconduct/envelope";
import { base64UrlBytes, base64UrlText, type Bytes, type GrantId, MalformedBinary } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";

interface ShownTerms {
  readonly grant: GrantId;
  /** As they came with the confirmation. */
  readonly terms: string;
}

export interface AskedByTerms {
  /** Null where there is nothing to accept. */
  readonly conditions: Conditions | null;
  /** A receipt closes the link some minutes later. */
  readonly closesOnReceipt: boolean;
}

/** Problem `client/not-genuine`. */
export function askedByTerms(shown: ShownTerms): AskedByTerms {
  const { conditions = null, closesOnReceipt = false } = read(shown).terms;
  return { conditions, closesOnReceipt };
}

/**
 * `ports.api` carries the verification session. Problems: `client/not-genuine`, `grant/terms-not-accepted` where the server has other
 * terms, `grant/factor-required`, `grant/unavailable`.
 */
export async function acceptConditions(
  ports: ClientPorts<"acceptConditions">,
  { signal, ...shown }: ShownTerms & { readonly signal?: AbortSignal },
): Promise<void> {
  const body = { termsHash: base64UrlText(termsHash(ports.crypto.sha256, read(shown).encoded)) };
  const path = { grant: shown.grant };
  const by = signal ? { signal } : {};
  await persistently(ports, () => ports.api.call("acceptConditions", { path, body, ...by }), by);
}

function read({ grant, terms: text }: ShownTerms): { encoded: Bytes; terms: GrantTerms } {
  const encoded = base64UrlBytes(text);
  try {
    const terms = encoded && decodeTerms(encoded);
    if (encoded !== null && terms?.grant === grant) return { encoded, terms };
  } catch (error) {
    if (!(error instanceof MalformedBinary)) throw error;
  }
  throw clientProblem("client/not-genuine");
}
