/**
 * What a person reads of a problem: the words of the page's language for its code, else the message that came with it, which is
 * English. The words are loaded with the page and not bundled for readers of another language.
 */
import type { Problem } from "@safeconduct/foundation";
import { type Language, language } from "./language.ts";

type Words = Readonly<Record<string, string>>;

const CATALOGUES: Readonly<Record<Language, () => Promise<{ readonly problemWords: Words }>>> = {
  en: () => import("./problem-words.en.ts"),
  es: () => import("./problem-words.es.ts"),
};

let loaded: Words = {};

/** Before the page is drawn. Where it fails, messages stay English: the page is worth more than its words. */
export async function loadProblemWords(): Promise<void> {
  try {
    loaded = (await CATALOGUES[language]()).problemWords;
  } catch (thrown) {
    reportError(thrown);
  }
}

export const problemMessage = ({ code, message }: Problem): string =>
  (Object.hasOwn(loaded, code) && loaded[code]) || message;
