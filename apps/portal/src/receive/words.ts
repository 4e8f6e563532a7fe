/** Dates and sizes as this reader is used to. */
import { dateLocale, dateWords } from "../elements/dates.ts";
import { sizeWords } from "../elements/sizes.ts";

const locale = dateLocale(navigator.languages);

export const dates = dateWords(locale);
export const size = (sizeBytes: number): string => sizeWords(sizeBytes, locale);
