/** An entry as people read it: who, what, which facts. Everything here may come from an attacker and is only ever text. */
import { isJsonObject, type JsonObject } from "@safeconduct/ledger";
import { type ClaimedEntry, readableEvent } from "./entry-proof.ts";
import { eventSentence } from "./event-words.ts";
import { factName, factValue } from "./fact-words.ts";
import { texts } from "./texts.ts";

/** An entry and the names that today's records have for whom it speaks of. */
export interface NamedEntry extends ClaimedEntry {
  readonly memberName: string | null;
  readonly recipient: { readonly address: string; readonly name: string | null } | null;
}

/** What hides, reverses or moves text on the page becomes visible. */
export const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");

export function recipientName({ recipient }: Pick<NamedEntry, "recipient">): string {
  if (recipient === null || recipient.address === "") return texts.someRecipient;
  return visible(recipient.name === null ? recipient.address : `${recipient.name} (${recipient.address})`);
}

function actorName(entry: NamedEntry): string {
  const actor = readableEvent(entry)?.["actor"];
  const kind = isJsonObject(actor) ? actor["kind"] : null;
  if (kind === "recipient") return recipientName(entry);
  if (kind === "system" || kind === "setup") return texts.instance;
  return visible(entry.memberName ?? texts.someMember);
}

/** The same for every type that is about somebody's link, whoever acted. */
const ABOUT_RECIPIENT = /^(grant|factor|package)\/(?!released-to-member$)/;

export function sentenceOf(entry: NamedEntry): string {
  const who = ABOUT_RECIPIENT.test(entry.type) ? recipientName(entry) : actorName(entry);
  const sentence = eventSentence(entry.type, who);
  // An address keeps its spelling, also where a sentence begins with it.
  const isOwnWord = !sentence.startsWith(who) || who === texts.someRecipient;
  return isOwnWord ? sentence.charAt(0).toLocaleUpperCase() + sentence.slice(1) : sentence;
}

export const isRefused = ({ outcome }: Pick<ClaimedEntry, "outcome">): boolean =>
  outcome !== null && outcome !== "done";

/** Name and value of every further fact that the event itself says. */
export function factsOf(entry: ClaimedEntry): readonly (readonly [string, string])[] {
  const event: JsonObject = readableEvent(entry) ?? {};
  const { actor = null, detail = null } = event;
  const facts = [
    // A recipient is known by the link alone, which stands there already.
    ...(isJsonObject(actor) && actor["kind"] === "member" ? [["member", actor["id"] ?? null] as const] : []),
    ...(isJsonObject(detail) ? Object.entries(detail) : []),
  ];
  return facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [visible(factName(name)), visible(factValue(name, value))]);
}
