/**
 * A fact that an event says, in words. Whatever this version does not know, also a value of an unexpected kind, stands as
 * the event has it: a fact is never left out and never guessed.
 */
import type { JsonValue } from "@safeconduct/ledger";
import { inLanguage } from "../elements/language.ts";
import { count, dates, purposeWords, size } from "../elements/words.ts";
import { texts as members } from "../members/texts.ts";
import { texts as transfers } from "../transfers/texts.ts";
import { en } from "./fact-words.en.ts";
import { es } from "./fact-words.es.ts";
import { texts } from "./texts.ts";

const words = inLanguage({ en, es });

/** The last instant that a date can be made of. */
const LAST_INSTANT_MS = 8.64e15;

type Say = (value: JsonValue) => string | null;

/** Null where the value is not what the words are for. */
const aNumber =
  (say: (value: number) => string | null): Say =>
  (value) =>
    typeof value === "number" ? say(value) : null;
const aTime = aNumber((value) => (value > 0 && value <= LAST_INSTANT_MS ? dates.short(value) : null));
const aYesOrNo: Say = (value) => (typeof value === "boolean" ? (value ? words.yes : words.no) : null);
const oneOf =
  (known: Readonly<Record<string, string>>): Say =>
  (value) =>
    typeof value === "string" && Object.hasOwn(known, value) ? (known[value] ?? null) : null;
const someOf =
  (known: Readonly<Record<string, string>>): Say =>
  (value) => {
    if (typeof value !== "string") return null;
    const found = value.split(" ").map(oneOf(known));
    return found.includes(null) ? null : found.join(", ");
  };

const QUESTIONS: Readonly<Record<string, string>> = {
  search: texts.search,
  "went-to": texts.wentTo,
  "after-deadline": texts.afterDeadline,
  refused: texts.refused,
  opened: texts.opened,
  "open-links": texts.openLinks,
};

const SAYINGS: Readonly<Record<string, Say>> = {
  notBefore: (value) => (value === 0 ? words.atOnce : aTime(value)),
  notAfter: aTime,
  closesAt: aTime,
  releaseCap: aNumber((value) => (value === 0 ? words.noLimit : words.atMost(count(value)))),
  deleteByDays: aNumber((value) => words.days(count(value), value === 1)),
  blobLengthBytes: aNumber((value) => size(value)),
  closesOnReceipt: aYesOrNo,
  mayStore: aYesOrNo,
  wasLocked: aYesOrNo,
  purpose: oneOf(purposeWords),
  handling: oneOf(words.handling),
  profile: oneOf(words.profile),
  factor: oneOf(words.factor),
  secondFactor: oneOf(words.factor),
  by: oneOf(words.by),
  problem: oneOf(transfers.problem.kinds),
  reason: oneOf(transfers.holdReasons),
  question: oneOf(QUESTIONS),
  roles: someOf(members.role),
  before: someOf(members.role),
  after: someOf(members.role),
};

export const factName = (name: string): string =>
  Object.hasOwn(words.names, name) ? words.names[name as keyof typeof words.names] : name;

export function factValue(name: string, value: JsonValue): string {
  const said = Object.hasOwn(SAYINGS, name) ? SAYINGS[name]?.(value) : null;
  return said ?? (typeof value === "string" ? value : JSON.stringify(value));
}
