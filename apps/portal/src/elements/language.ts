/**
 * The language of the page: the one chosen here, else the first of the browser's that we have, else English. It is read once, when
 * the page loads; a choice loads the page again. Each part keeps its words in a `texts.ts` beside it, complete in every language:
 * a word that is missing does not compile (ADR 15).
 */
import { keepLanguage, keptLanguage, wantedLanguages } from "../platform.ts";

/** In the words of their readers. */
export const LANGUAGES = { en: "English", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

const isLanguage = (text: string): text is Language => Object.hasOwn(LANGUAGES, text);

/** `kept` and `wanted` are what the browser says: attacker-controlled nowhere, but any text. */
export function languageOf(kept: string | null, wanted: readonly string[]): Language {
  if (kept !== null && isLanguage(kept)) return kept;
  for (const tag of wanted) {
    const [primary = ""] = tag.toLowerCase().split("-");
    if (isLanguage(primary)) return primary;
  }
  return "en";
}

export const language: Language = languageOf(keptLanguage(), wantedLanguages());

/** The words of this page's language. */
export const inLanguage = <Words>(catalogue: Readonly<Record<Language, Words>>): Words => catalogue[language];

/** Counts on from the next load of the page. */
export const chooseLanguage = (chosen: Language): void => keepLanguage(chosen);
