/** The table of pairs in docs/threat-model.md as data: which two parts, and whether the page says that they open the files. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../../../docs/threat-model.md", import.meta.url));

/** Live parts in capitals, copies of an earlier day in small letters. */
export const PARTS = ["B", "D", "V", "K", "M", "R", "S", "L", "b", "d", "l", "k"] as const;
export type Part = (typeof PARTS)[number];

export interface Row {
  readonly words: string;
  readonly pairs: readonly (readonly [Part, Part])[];
  /** **opens** in bold. */
  readonly opens: boolean;
}

/** Rows of the table under "Together", in order. Throws on a row that names no pair. */
export function pairRows(): readonly Row[] {
  const section = tableAfter("Together:");
  return section.map(([words = "", yields = ""]) => {
    const pairs = words.split(/, (?=[A-Za-z] \+ )/).flatMap(pairsOf);
    if (pairs.length === 0) throw new Error(`no pair in "${words}"`);
    return { words, pairs, opens: /\*\*opens/i.test(yields) };
  });
}

/** What each part yields alone. */
export function singleRows(): readonly { readonly parts: readonly Part[]; readonly opens: boolean }[] {
  return tableAfter("Alone:").map(([words = "", yields = ""]) => ({
    parts: listed(
      words
        .split(" ")
        .filter((word) => /^[A-Za-z],?$/.test(word))
        .join(" "),
    ),
    opens: /\*\*opens/i.test(yields),
  }));
}

function tableAfter(heading: string): readonly (readonly string[])[] {
  const [, after = ""] = readFileSync(PAGE, "utf8").split(`\n${heading}\n`);
  const lines = after.trimStart().split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** `K + R`, `B with D, V, K`, `b, d or l with each other`, `L with any other`. */
function pairsOf(words: string): readonly (readonly [Part, Part])[] {
  const [left = "", right = ""] = words.split(/ (?:\+|with) /);
  const firsts = listed(left);
  if (right === "each other")
    return firsts.flatMap((one, at) => firsts.slice(at + 1).map((two) => [one, two] as const));
  const seconds = right === "any other" ? PARTS : listed(right);
  return firsts.flatMap((one) => seconds.filter((two) => two !== one).map((two) => [one, two] as const));
}

const listed = (words: string): readonly Part[] =>
  words.split(/, | or | /).filter((word): word is Part => (PARTS as readonly string[]).includes(word.replace(",", "")));
