/**
 * The floors gate: reads every import of the tree and holds it against the table of docs/architecture.md.
 * A floor imports only from floors below it, a package imports only what its package.json declares, and nothing
 * imports in a circle. The gate counts the modules it read against the files on disk, because a checker that
 * read none, or stopped at a file it could not parse, must not pass.
 *
 * dependency-cruiser (with swc as its parser, since it does not know TypeScript 7) supplies the graph only.
 * The judgement is written out here, where it can be read beside the picture: its regular-expression rules
 * cannot say "declared in the importing package" for workspaces.
 *
 * Usage: node tools/floors.ts [ROOT]. Exit codes: 0 holds, 1 does not.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { cruise, type ICruiseResult, type IDependency, type IModule } from "dependency-cruiser";

/** Floor of each package of packages/. One that is not listed fails the gate: it must be placed first. */
const PACKAGE_FLOORS = new Map([
  ["foundation", 0],
  ["envelope", 1],
  ["ledger", 1],
  ["policy", 1],
  ["inspect", 1],
  ["deidentify", 1],
  ["dicom", 1],
  ["contract", 1],
  ["keyring", 2],
  ["client", 2],
  ["exchange", 2],
]);
const ADAPTER_FLOOR = 3;
const APP_FLOOR = 4;
/** Floors up to this one are pure: they run in a browser and in Node alike. */
const HIGHEST_PURE_FLOOR = 2;

/** The only imports between neighbours of one floor, importer first. */
const SIDEWAYS = new Set([
  "packages/inspect > packages/dicom",
  "packages/deidentify > packages/dicom",
  "packages/deidentify > packages/inspect",
  "adapters/postgres > adapters/sql",
  "adapters/sqlite > adapters/sql",
]);

/** The only packages from a registry that pure code may use. */
const PURE_EXTERNALS = new Set(["packages/contract > zod"]);

const ADDRESS_ONLY = "?url";

const FOLDERS = ["packages", "adapters", "apps", "testkit", "tests", "bench", "tools"];
const SOURCES = "**/*.{ts,tsx,mts,mjs,js,jsx}";
const NOT_SOURCES = /(^|\/)(node_modules|dist|fixtures)(\/|$)/;

/** Where a module stands: `home` is the folder of its package, `floor` is null for what stands aside. */
interface Place {
  readonly home: string;
  readonly floor: number | null;
}

export interface FloorsReport {
  readonly modulesRead: number;
  readonly filesOnDisk: number;
  /** One line for each broken rule, sorted. */
  readonly problems: readonly string[];
}

/** Reads the tree at `root`. Rejects when the graph cannot be read at all. */
export async function checkFloors(root: string): Promise<FloorsReport> {
  const onDisk = FOLDERS.flatMap((folder) => globSync(`${folder}/${SOURCES}`, { cwd: root })).filter(
    (file) => !NOT_SOURCES.test(file),
  );
  const modules = onDisk.length === 0 ? [] : await readModules(root);
  const read = new Set(modules.map((module) => module.source));
  const problems = new Set<string>();
  if (read.size === 0) problems.add("no module was read");
  for (const file of onDisk) if (!read.has(file)) problems.add(`${file}: not read`);
  for (const module of modules) {
    for (const dependency of module.dependencies) {
      for (const reason of judge(root, module.source, dependency)) {
        problems.add(`${module.source} imports ${dependency.module}: ${reason}`);
      }
    }
  }
  return { modulesRead: read.size, filesOnDisk: onDisk.length, problems: [...problems].sort() };
}

/** Every package by its folder, with its floor and the packages that its production code imports, as the tree has them. */
export async function packageImports(
  root: string,
): Promise<ReadonlyMap<string, { readonly floor: number; readonly imports: ReadonlySet<string> }>> {
  const packages = new Map<string, { floor: number; imports: Set<string> }>();
  for (const { source, dependencies } of await readModules(root)) {
    const from = placeOf(source);
    if (from === "unplaced" || from.floor === null) continue;
    const { imports } = packages.get(from.home) ?? { imports: new Set() };
    for (const { resolved } of dependencies) {
      const to = placeOf(resolved);
      if (to !== "unplaced" && to.floor !== null && to.home !== from.home) imports.add(to.home);
    }
    packages.set(from.home, { floor: from.floor, imports });
  }
  return packages;
}

async function readModules(root: string): Promise<readonly IModule[]> {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(
    folders,
    {
      baseDir: root,
      parser: "swc",
      exclude: { path: NOT_SOURCES.source },
      doNotFollow: { path: "node_modules" },
      // Without a rule on circles the graph carries no word about them.
      validate: true,
      ruleSet: { forbidden: [{ name: "circle", severity: "error", from: {}, to: { circular: true } }] },
      enhancedResolveOptions: {
        exportsFields: ["exports"],
        conditionNames: ["import", "node", "default"],
        extensions: [".ts", ".tsx", ".mjs", ".js"],
      },
    },
    { extensions: [".ts", ".tsx", ".mts", ".mjs", ".js"] },
  );
  if (typeof output === "string") throw new Error("the graph came back as text");
  const result: ICruiseResult = output;
  return result.modules.filter((module) => FOLDERS.some((folder) => module.source.startsWith(`${folder}/`)));
}

/** Why an import is refused; empty when it is allowed. */
function judge(root: string, source: string, dependency: IDependency): string[] {
  const from = placeOf(source);
  if (from === "unplaced") return [`${source} stands on no floor: give its package one in tools/floors.ts`];
  const reasons = dependency.circular ? ["a circle"] : [];
  if (isBuiltin(dependency.module)) {
    if (isPure(from)) reasons.push("a pure package uses no platform module");
    return reasons;
  }
  const name = packageName(dependency.module);
  if (name !== null && !name.startsWith("@safeconduct/")) {
    if (isPure(from) && !PURE_EXTERNALS.has(`${from.home} > ${name}`)) {
      reasons.push("a pure package uses nothing from a registry");
    }
  } else if (!dependency.couldNotResolve) {
    reasons.push(...judgePlaces(from, placeOf(dependency.resolved), name !== null));
  }
  if (dependency.couldNotResolve && !isAsset(root, source, dependency.module)) reasons.push("it does not resolve");
  if (name !== null && !isDeclared(root, from, name)) reasons.push(`${from.home}/package.json does not declare it`);
  return reasons;
}

/** A file of a package that the bundler gives the address of (`?url`): the graph knows modules only. */
function isAsset(root: string, source: string, module: string): boolean {
  if (!module.endsWith(ADDRESS_ONLY)) return false;
  try {
    createRequire(join(root, source)).resolve(module.slice(0, -ADDRESS_ONLY.length));
    return true;
  } catch {
    return false;
  }
}

function judgePlaces(from: Place, to: Place | "unplaced", byName: boolean): string[] {
  if (to === "unplaced") return ["it stands on no floor"];
  if (from.floor === null) return [];
  if (to.floor === null) return ["production code imports nothing that stands aside"];
  if (from.home === to.home) return [];
  const reasons = byName ? [] : ["another package is imported by its name"];
  if (to.floor > from.floor) reasons.push(`floor ${to.floor} is above floor ${from.floor}`);
  if (to.floor === from.floor && !SIDEWAYS.has(`${from.home} > ${to.home}`)) {
    reasons.push(`sideways on floor ${from.floor}`);
  }
  return reasons;
}

function placeOf(path: string): Place | "unplaced" {
  const [area = "", name = ""] = path.split("/");
  const home = `${area}/${name}`;
  if (/\.(test|config)\.tsx?$/.test(path)) return { home, floor: null };
  if (area === "adapters") return { home, floor: ADAPTER_FLOOR };
  if (area === "apps") return { home, floor: APP_FLOOR };
  if (area !== "packages") return { home: area, floor: null };
  const floor = PACKAGE_FLOORS.get(name);
  return floor === undefined ? "unplaced" : { home, floor };
}

function isPure(place: Place): boolean {
  return place.floor !== null && place.floor <= HIGHEST_PURE_FLOOR;
}

/** `zod` of `zod/v4`, `@scope/name` of `@scope/name/part`, null for a path. */
function packageName(specifier: string): string | null {
  if (specifier.startsWith(".") || specifier.startsWith("/")) return null;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Tests may use what the root declares for everybody, and every package of the workspace. */
function isDeclared(root: string, from: Place, name: string): boolean {
  if (declares(join(root, from.home), name)) return true;
  return from.floor === null && (name.startsWith("@safeconduct/") || declares(root, name));
}

function declares(folder: string, name: string): boolean {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return false;
  const declared = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string> | undefined>;
  return ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"].some(
    (kind) => declared[kind]?.[name] !== undefined,
  );
}

if (import.meta.main) {
  const report = await checkFloors(resolve(process.argv[2] ?? dirname(import.meta.dirname)));
  for (const problem of report.problems) console.error(problem);
  console.log(`floors: read ${report.modulesRead} modules of ${report.filesOnDisk} files`);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
}
