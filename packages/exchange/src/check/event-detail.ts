/** What a use case wrote into a readable event; null where that was erased or cannot be read. */
import { isJsonObject, type JsonObject, parseCanonicalJson } from "@safeconduct/ledger";
import type { EventRecord } from "../records.ts";

export function detailOf({ body }: EventRecord): JsonObject | null {
  const event = body === null ? undefined : parseCanonicalJson(body);
  const detail = isJsonObject(event) ? event["detail"] : undefined;
  return isJsonObject(detail) ? detail : null;
}
