/** Sizes of files in words, in powers of ten as operating systems' own download lists show them (IEC 80000-13 keeps KiB for 1,024). */
const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `1 byte`, `999 bytes`, `1.2 MB`, `164 MB`. Rounded, for reading only. */
export function sizeWords(sizeBytes: number, locale = "en-GB"): string {
  if (sizeBytes === 1) return "1 byte";
  let value = sizeBytes;
  let unit = 0;
  // 999.5 would round to "1000 kB".
  while (unit < UNITS.length - 1 && value >= (unit === 0 ? 1000 : 999.5)) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit]}`;
}
