/** A campaign in words: faults tried, by kind and by act, and losses found. */
import type { CampaignReport } from "./campaign.ts";

export function reportLines({ kills, faults, acts, losses }: CampaignReport): readonly string[] {
  const total = [...faults.values()].reduce((sum, each) => sum + each, 0);
  return [
    `faults tried: ${total}, ${kills} of them kill -9 (${listed(faults)}) in ${listed(acts)}`,
    `losses found: ${losses.length}`,
    ...losses.map((loss) => `  ${loss}`),
  ];
}

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, times]) => `${name} ${times}`).join(", ");
