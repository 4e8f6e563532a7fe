/** The languages of the page, each in its own words. A choice loads the page again. */
import type { ReactElement } from "react";
import { chooseLanguage, type Language, language, LANGUAGES } from "./language.ts";
import { texts } from "./texts.ts";

export function LanguageChoice({ address }: { address: string | undefined }): ReactElement {
  function choose(chosen: Language): void {
    chooseLanguage(chosen);
    if (address !== undefined) history.replaceState(null, "", address);
    location.reload();
  }
  const offered = Object.entries(LANGUAGES) as [Language, string][];
  return (
    <ul className="languages" aria-label={texts.language}>
      {offered.map(([offer, name]) => (
        <li key={offer} lang={offer}>
          {offer === language ? (
            <span aria-current="true">{name}</span>
          ) : (
            <button type="button" className="text-button" onClick={() => choose(offer)}>
              {name}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
