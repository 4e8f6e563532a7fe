/** An entry in one plain sentence. Each type has one in every language, or this does not compile. */
import { EVENT_TYPES, type EventType } from "@safeconduct/ledger";
import { inLanguage } from "../elements/language.ts";
import { en } from "./event-words.en.ts";
import { es } from "./event-words.es.ts";

const sentences = inLanguage({ en, es });

/** A type that this version does not know stands by its own name. */
export function eventSentence(type: string, who: string): string {
  return Object.hasOwn(EVENT_TYPES, type) ? sentences[type as EventType](who) : type;
}
