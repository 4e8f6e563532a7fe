/** The words of the audit pages, in the language of the page. */
import { inLanguage } from "../elements/language.ts";
import { en } from "./texts.en.ts";
import { es } from "./texts.es.ts";

export const texts = inLanguage({ en, es });
