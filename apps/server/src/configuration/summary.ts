/** A configuration in words, for whoever checks that it says what they mean. No secret is in it. */
import type { Language } from "@safeconduct/contract";
import type { Configuration } from "./read-configuration.ts";
import { DEFAULT_LANGUAGE, GIB_BYTES } from "./schema.ts";

export function summaryOf({
  address,
  host,
  port,
  tls,
  proxies,
  mail,
  postgres,
  home,
  expiryGraceMs,
  quotaBytes,
  language,
  master,
  witnessFile,
}: Omit<Configuration, "warnings">): readonly string[] {
  return [
    `  address    ${address ?? "none: an evaluation instance, on this computer only"}`,
    `  listens    ${host ?? (tls === null ? "on this computer" : "on every network")}, port ${usual(port)}`,
    ...(tls === null ? [] : [`  TLS        here, certificate ${tls.certificateFile}`]),
    ...(proxies === null ? [] : [`  TLS        at a proxy: ${proxies.join(", ")}`]),
    `  mail       ${mail === null ? "stays on a page of this computer" : `by ${mail.host}:${mail.port}, from ${mail.from}, ${mail.secure ? "TLS" : "STARTTLS"}${mail.login === undefined ? "" : `, as ${mail.login.user}`}`}`,
    `  database   ${postgres === null ? "SQLite in the data folder" : `PostgreSQL ${postgres.database} at ${postgres.host}, as ${postgres.user}`}`,
    `  data       ${usual(home)}`,
    `  grace      ${expiryGraceMs === null ? "as usual" : `${expiryGraceMs / 1000} seconds`} from a link's end to the destruction of its keys`,
    `  quota      ${quotaBytes === null ? "as much as the disk has" : `${quotaBytes / GIB_BYTES} GiB`}`,
    `  language   ${LANGUAGE_WORDS[language ?? DEFAULT_LANGUAGE]}, in mails to people who have chosen none`,
    `  master     ${master ?? "files in the key service's folder"}`,
    `  witnesses  ${witnessFile ?? "none"}`,
  ];
}

const LANGUAGE_WORDS: Readonly<Record<Language, string>> = { en: "English", es: "Spanish" };

const usual = (value: string | number | null): string => (value === null ? "as usual" : `${value}`);
