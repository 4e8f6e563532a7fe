/**
 * The language of the page: the one chosen here, else the one that it was loaded again for (a recipient's, as the sender chose), else
 * the first of the browser's that we have, else English. It is read once, when
 * the page loads; a choice loads the page again. Each part keeps its words in a `texts.ts` beside it, complete in every language:
 * a word that is missing does not compile (ADR 15).
 */
import type { Language } from "@safeconduct/contract";
import { askedLanguage, keepLanguage, keptLanguage, wantedLanguages, wasReloaded } from "../platform.ts";

export type { Language };
/** In the words of their readers. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", es: "Español" };

const isLanguage = (text: string): text is Language => Object.hasOwn(LANGUAGE_NAMES, text);

interface Hints {
  /** Chosen on a page of ours. */
  readonly kept: string | null;
  /** Of the link that is open. */
  readonly asked: string | null;
  /** The browser's, BCP 47. */
  readonly wanted: readonly string[];
}

/** Attacker-controlled nowhere, but any text. */
export function languageOf({ kept, asked, wanted }: Hints): Language {
  for (const said of [kept, asked]) if (said !== null && isLanguage(said)) return said;
  for (const tag of wanted) {
    const [primary = ""] = tag.toLowerCase().split("-");
    if (isLanguage(primary)) return primary;
  }
  return "en";
}

const asked = askedLanguage();
export const language: Language = languageOf({ kept: keptLanguage(), asked, wanted: wantedLanguages() });

/**
 * Whether the page should load again in a language that somebody else chose for its reader: not where the reader chose one, and not over and
 * over in a browser that forgets what it was asked.
 */
export const shouldTurnTo = (other: Language | null): other is Language =>
  turnsTo(other, { language, kept: keptLanguage(), forgets: wasReloaded() && asked === null });

export const turnsTo = (
  other: Language | null,
  here: { readonly language: Language; readonly kept: string | null; readonly forgets: boolean },
): boolean =>
  other !== null && other !== here.language && !(here.kept !== null && isLanguage(here.kept)) && !here.forgets;

/** The words of this page's language. */
export const inLanguage = <Words>(catalogue: Readonly<Record<Language, Words>>): Words => catalogue[language];

/** Counts on from the next load of the page. */
export const chooseLanguage = (chosen: Language): void => keepLanguage(chosen);
