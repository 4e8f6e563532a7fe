/**
 * `npm run bench -- NAME [--json FILE]`: runs bench/NAME.ts and prints its table. Without a name it lists what
 * there is. Exit codes: 0 done, 1 the benchmark failed, 64 bad arguments.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { type Bench, BenchReport, benchTable } from "./report.ts";

const EXIT_USAGE = 64;
const NOT_BENCHMARKS = new Set(["main.ts", "report.ts"]);

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !NOT_BENCHMARKS.has(file))
  .map((file) => file.slice(0, -".ts".length));

const { name, jsonFile } = readArguments();
if (name === undefined) {
  for (const each of names) console.log(`${each.padEnd(16)}${(await load(each)).title}`);
} else if (!names.includes(name)) {
  console.error(`There is no benchmark "${name}". There are: ${names.join(", ") || "none yet"}.`);
  process.exitCode = EXIT_USAGE;
} else {
  await runBench(await load(name));
}

function readArguments(): { name: string | undefined; jsonFile: string | undefined } {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "string" } } });
    if (positionals.length > 1) throw new Error("One benchmark at a time: two would measure each other.");
    return { name: positionals[0], jsonFile: values.json };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(EXIT_USAGE);
  }
}

async function load(each: string): Promise<Bench> {
  const module = (await import(`./${each}.ts`)) as { bench?: Bench };
  if (module.bench?.name !== each) throw new Error(`bench/${each}.ts does not export a bench named ${each}`);
  return module.bench;
}

async function runBench(bench: Bench): Promise<void> {
  const report = new BenchReport((row) => console.error(`  ${row.name} …done`));
  await bench.run(report);
  const result = report.result(bench, {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
  });
  process.stdout.write(benchTable(result));
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
}
