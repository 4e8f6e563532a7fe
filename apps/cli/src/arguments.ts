/** The words after a command, read strictly. */
import { parseArgs } from "node:util";
import { cliProblem } from "./errors.ts";

type Kind = "text" | "texts" | "flag";
type ValueOf<K extends Kind> = K extends "text" ? string | undefined : K extends "texts" ? readonly string[] : boolean;

export interface Words<Options extends Readonly<Record<string, Kind>>> {
  readonly positionals: readonly string[];
  readonly options: { readonly [Name in keyof Options]: ValueOf<Options[Name]> };
}

/** Problem `cli/usage` for anything unknown, or for more or fewer words than `positionals` allows. */
export function readWords<const Options extends Readonly<Record<string, Kind>>>(
  args: readonly string[],
  { options, positionals }: { options: Options; positionals: { min: number; max: number } },
): Words<Options> {
  const known = Object.fromEntries(
    Object.entries(options).map(([name, kind]) => [
      name,
      { type: kind === "flag" ? "boolean" : "string", multiple: kind === "texts" } as const,
    ]),
  );
  const parsed = parse(args, known);
  if (parsed.positionals.length < positionals.min || parsed.positionals.length > positionals.max)
    throw cliProblem("cli/usage");
  const values = Object.entries(options).map(([name, kind]) => {
    const value = parsed.values[name];
    return [name, kind === "flag" ? value === true : kind === "texts" ? (value ?? []) : value];
  });
  return { positionals: parsed.positionals, options: Object.fromEntries(values) as never };
}

function parse(args: readonly string[], options: Record<string, { type: "boolean" | "string"; multiple: boolean }>) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch {
    throw cliProblem("cli/usage");
  }
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `24h`, `90m`, `2d`, `30s` in milliseconds. Problem `cli/usage`. */
export function durationMs(text: string, option: string): number {
  const match = /^([1-9][0-9]{0,5})([smhd])$/.exec(text);
  const unit = DURATION_UNITS_MS[match?.[2] ?? ""];
  if (match === null || unit === undefined)
    throw cliProblem("cli/usage", `${option} takes a number with s, m, h or d: 30m, 24h, 2d.`);
  return Number(match[1]) * unit;
}
