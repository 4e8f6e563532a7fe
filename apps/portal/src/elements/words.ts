/** Dates, sizes and purposes as this reader is used to. */
import { PURPOSE_WORDS, type Purpose } from "@safeconduct/contract";
import { wantedLanguages } from "../platform.ts";
import { dateLocale, dateWords } from "./dates.ts";
import { inLanguage, language } from "./language.ts";
import { sizeWords } from "./sizes.ts";

const locale = dateLocale(language, wantedLanguages());

export const dates = dateWords(locale);
const numbers = new Intl.NumberFormat(locale);
export const count = (number: number): string => numbers.format(number);
export const size = (sizeBytes: number): string => sizeWords(sizeBytes, locale);

const SPANISH_PURPOSES: Readonly<Record<Purpose, string>> = {
  TREAT: "tratamiento",
  ETREAT: "tratamiento de urgencia",
  HPAYMT: "pago",
  HOPERAT: "gestión sanitaria",
  HRESCH: "investigación",
  PATRQT: "petición del propio paciente",
  PUBHLTH: "salud pública",
  HMARKT: "publicidad, con autorización del paciente",
  COVERAGE: "cobertura y afiliación",
};

/** Plain words for a purpose of use, to stand after "for". */
export const purposeWords = inLanguage({ en: PURPOSE_WORDS, es: SPANISH_PURPOSES });
