/** What a check found, for people and as JSON. */
import { type CheckReport, type Finding, type Repair, sentenceOf, weightOf } from "@safeconduct/exchange";
import type { FSCK_EXIT } from "../exit.ts";
import type { FsckOptions } from "./options.ts";

export interface FsckOutcome {
  readonly result: keyof typeof FSCK_EXIT;
  /** Null when the database does not open: then nothing else can be compared with it. */
  readonly report: CheckReport | null;
  /** After the repairs, where there were any. */
  readonly findings: readonly Finding[];
  readonly damageCount: number;
  readonly repairs: readonly Repair[];
}

const RESULTS: Readonly<Record<FsckOutcome["result"], string>> = {
  clean: "Clean. Nothing is missing, damaged or left over.",
  repaired: "Repaired. Nothing was lost.",
  leftovers:
    "Nothing is lost. Leftovers of a crash or a broken upload are there: the next start or --repair mends them.",
  damaged:
    "DAMAGED. What is named above does not open or cannot be proven. Change nothing before you have a copy of the data folder.",
};

export function jsonReport({ result, report, findings, damageCount, repairs }: FsckOutcome): string {
  const { entries, treeSize, transfers, states, whole, bytes } = report ?? {};
  const told = findings.map((finding) => ({
    ...finding,
    weight: weightOf(finding.code),
    message: sentenceOf(finding.code),
  }));
  const facts = { entries, treeSize, transfers, states, whole, bytes };
  return `${JSON.stringify({ result, ...facts, damageCount, findings: told, repairs })}\n`;
}

export function plainReport(outcome: FsckOutcome, { home, quick }: FsckOptions): string {
  const { result, report, findings, repairs } = outcome;
  const lines = [`Check of ${home}`, "", ...(report === null ? [] : factLines(report, quick))];
  for (const [code, alike] of byCode(findings)) {
    lines.push(`  ${weightOf(code).padEnd(10)}${code}`, `            ${sentenceOf(code)}`);
    for (const finding of alike) {
      const place = placeOf(finding);
      if (place !== "") lines.push(`            ${place}`);
    }
    lines.push("");
  }
  for (const { finding, done } of repairs)
    lines.push(`  ${done.padEnd(10)}  ${finding.code} ${placeOf(finding)}`.trimEnd());
  if (repairs.length > 0) lines.push("");
  return `${[...lines, RESULTS[result]].join("\n")}\n`;
}

function factLines({ entries, treeSize, transfers, states, whole, bytes }: CheckReport, quick: boolean): string[] {
  const inStates = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return [
    `  ledger     ${entries} entries, ${treeSize ?? "unknown"} under the signed checkpoint`,
    `  transfers  ${transfers}${inStates.length === 0 ? "" : `: ${inStates.join(", ")}`}`,
    `  opening    ${whole} of ${states.active ?? 0} active transfers have all that opening needs`,
    `  ciphertext ${bytes} bytes, ${quick ? "looked at by name and length" : "every byte read"}`,
    "",
  ];
}

function byCode(findings: readonly Finding[]): ReadonlyMap<Finding["code"], readonly Finding[]> {
  const groups = new Map<Finding["code"], Finding[]>();
  for (const finding of findings) groups.set(finding.code, [...(groups.get(finding.code) ?? []), finding]);
  return groups;
}

function placeOf({ transfer, grant, member, job, part, entry, tile, count }: Finding): string {
  const places = [
    transfer === undefined ? null : `transfer ${transfer}`,
    grant === undefined ? null : `link ${grant}`,
    member === undefined ? null : `member ${member}`,
    job === undefined ? null : `job ${job}`,
    part === undefined ? null : `part ${part}`,
    entry === undefined ? null : `entry ${entry}`,
    tile === undefined ? null : `file ${tile}`,
    count === undefined ? null : `${count} of them`,
  ];
  return places.filter((place) => place !== null).join(", ");
}
