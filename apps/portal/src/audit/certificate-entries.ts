/** The entries of a certificate as a page shows them. Names come from the transfer as today's records have it. */
import { base64UrlText, MalformedBinary } from "@safeconduct/foundation";
import { canonicalJson, type Certificate, decodeLeaf, isJsonObject } from "@safeconduct/ledger";
import type { Transfer } from "../transfers/custody.ts";
import type { NamedEntry } from "./entry-words.ts";

export function entriesOf(certificate: Certificate, transfer: Transfer | null): readonly NamedEntry[] {
  return certificate.entries.map(({ index, event, salt, leaf }) => {
    const known = leafOf(leaf);
    const actor = event?.["actor"];
    const member = isJsonObject(actor) && actor["kind"] === "member" ? actor["id"] : null;
    const grant = textOf(event?.["grant"]);
    const recipient = transfer?.grants.find(({ id }) => id === grant);
    return {
      index,
      type: textOf(event?.["type"]) ?? known?.type ?? "",
      at: instantOf(event?.["at"]) ?? (known?.minute ?? 0) * 60_000,
      outcome: textOf(event?.["outcome"]),
      transfer: event === null ? certificate.transfer : textOf(event["transfer"]),
      grant,
      event: event && canonicalJson(event),
      salt: salt && base64UrlText(salt),
      memberName: member !== null && transfer !== null && member === transfer.sender.id ? transfer.sender.name : null,
      recipient: recipient === undefined ? null : { address: recipient.address, name: recipient.name },
    };
  });
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
/** What a date can be made of. */
const instantOf = (value: unknown): number | null =>
  typeof value === "number" && value >= 0 && value <= 8.64e15 ? value : null;

function leafOf(bytes: Uint8Array): { type: string; minute: number } | null {
  try {
    return decodeLeaf(bytes);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}
