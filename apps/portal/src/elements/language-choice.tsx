/** The languages of the page, each in its own words. A choice is told to whoever wants to know, and loads the page again. */
import type { ReactElement } from "react";
import { wait } from "../platform.ts";
import { chooseLanguage, type Language, language, LANGUAGE_NAMES } from "./language.ts";
import { texts } from "./texts.ts";

/** Nobody waits longer for a page because a server is slow to write down what they read. */
const TELLING_LIMIT_MS = 2000;

export type TellLanguage = (chosen: Language) => Promise<unknown>;

export function LanguageChoice({
  address,
  tell,
}: {
  address: string | undefined;
  tell: TellLanguage | undefined;
}): ReactElement {
  async function choose(chosen: Language): Promise<void> {
    chooseLanguage(chosen);
    // A reload would cut it off. Untold, the page is in the new language all the same.
    if (tell !== undefined) await Promise.race([tell(chosen).catch(() => undefined), wait(TELLING_LIMIT_MS)]);
    if (address !== undefined) history.replaceState(null, "", address);
    location.reload();
  }
  const offered = Object.entries(LANGUAGE_NAMES) as [Language, string][];
  return (
    <ul className="languages" aria-label={texts.language}>
      {offered.map(([offer, name]) => (
        <li key={offer} lang={offer}>
          {offer === language ? (
            <span aria-current="true">{name}</span>
          ) : (
            <button type="button" className="text-button" onClick={() => void choose(offer)}>
              {name}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
