/** Closed lists and bounds of the API that need no schema: pages show or read them before they load any. */

/** Milliseconds since the Unix epoch: the last that a `Date` can have (ECMA-262, time values). */
export const INSTANT_MAX = 8_640_000_000_000_000;

/** The languages that people can read pages and mails in (ISO 639-1). */
export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a recipient may do. `viewable`: look at the files in the browser. `downloadable`: view and save them. */
export const PROFILES = ["viewable", "downloadable"] as const;

/** HL7 v3 PurposeOfUse (GeneralPurposeOfUse value set), the codes that Safeconduct knows. */
export const PURPOSES = [
  "TREAT",
  "ETREAT",
  "HPAYMT",
  "HOPERAT",
  "HRESCH",
  "PATRQT",
  "PUBHLTH",
  "HMARKT",
  "COVERAGE",
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Plain words for each purpose; codes are for machines. */
export const PURPOSE_WORDS: Readonly<Record<Purpose, string>> = {
  TREAT: "treatment",
  ETREAT: "emergency treatment",
  HPAYMT: "payment",
  HOPERAT: "healthcare operations",
  HRESCH: "research",
  PATRQT: "the patient's own request",
  PUBHLTH: "public health",
  HMARKT: "marketing, with the patient's authorisation",
  COVERAGE: "coverage and enrolment",
};
