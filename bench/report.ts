/**
 * The result of one benchmark: rows of a name, a number and its unit, and beside a row, where asked, its ratio
 * to an anchor that was measured in the same run. Numbers of two machines are never compared.
 */

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  /** For example `MB/s`, `ms`, `CPU s/GiB`. */
  readonly unit: string;
  /** Name of the row, already reported with the same unit, that this one is measured against. */
  readonly ratioTo?: string;
}

/** What a file `bench/NAME.ts` exports under the name `bench`. */
export interface Bench {
  /** The same as its file name. */
  readonly name: string;
  readonly title: string;
  run(report: BenchReport): Promise<void>;
}

/** JSON form of one run. `ratio` is value ÷ the anchor's value. */
export interface BenchResult {
  readonly name: string;
  readonly title: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly rows: readonly (BenchRow & { readonly ratio?: number })[];
  readonly notes: readonly string[];
}

export class BenchReport {
  private readonly rows: BenchRow[] = [];
  private readonly notes: string[] = [];
  private readonly onRow: (row: BenchRow) => void;

  /** `onRow` hears of each row as it comes, so that a person sees progress. */
  constructor(onRow: (row: BenchRow) => void = () => {}) {
    this.onRow = onRow;
  }

  row(row: BenchRow): void {
    if (!Number.isFinite(row.value)) throw new RangeError(`${row.name}: not a number`);
    if (this.find(row.name)) throw new RangeError(`${row.name}: reported twice`);
    const anchor = row.ratioTo === undefined ? undefined : this.find(row.ratioTo);
    if (row.ratioTo !== undefined && !anchor) throw new RangeError(`${row.name}: no row ${row.ratioTo} before it`);
    if (anchor && anchor.unit !== row.unit) throw new RangeError(`${row.name}: ${row.unit} beside ${anchor.unit}`);
    this.rows.push(row);
    this.onRow(row);
  }

  /** One line a reader needs to judge the numbers, for example an anchor that is not installed. */
  note(text: string): void {
    this.notes.push(text);
  }

  result(bench: Bench, machine: BenchResult["machine"]): BenchResult {
    const rows = this.rows.map((row) => {
      const anchor = row.ratioTo === undefined ? undefined : this.find(row.ratioTo);
      return anchor ? { ...row, ratio: row.value / anchor.value } : row;
    });
    return { name: bench.name, title: bench.title, machine, rows, notes: this.notes };
  }

  private find(name: string): BenchRow | undefined {
    return this.rows.find((row) => row.name === name);
  }
}

/** The result as an aligned plain-text table, with a line break at its end. */
export function benchTable(result: BenchResult): string {
  const cells = result.rows.map((row) => [
    row.name,
    significant(row.value),
    row.unit,
    row.ratio === undefined ? "" : `${row.ratio.toFixed(2)} × ${row.ratioTo}`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map(([name = "", value = "", unit = "", ratio = ""]) =>
    [name.padEnd(widths[0] ?? 0), value.padStart(widths[1] ?? 0), unit.padEnd(widths[2] ?? 0), ratio]
      .join("  ")
      .trimEnd(),
  );
  const machine = Object.entries(result.machine).map(([key, value]) => `${key} ${value}`);
  return [result.title, machine.join(", "), "", ...lines, ...result.notes.map((note) => `note: ${note}`), ""].join(
    "\n",
  );
}

/** Four significant digits, never in exponent form. */
function significant(value: number): string {
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.min(6, Math.max(0, 4 - digits)));
}
