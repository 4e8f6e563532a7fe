// Completes package-lock.json with the optional packages of other platforms. npm leaves out what its registry does not show it,
// and `npm ci` then refuses the lock on every platform. Run after each `npm install` that changed the lock; changes nothing else.
// What is added has a version and its platform but no integrity hash: regenerate the lock where the full registry is visible
// before a release. See docs/adr/0002.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SYSTEMS = {
  darwin: "darwin",
  fsevents: "darwin",
  linux: "linux",
  win32: "win32",
  win: "win32",
  android: "android",
  freebsd: "freebsd",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  aix: "aix",
};
const PROCESSORS = {
  x64: "x64",
  arm64: "arm64",
  arm: "arm",
  ia32: "ia32",
  ppc64: "ppc64",
  s390x: "s390x",
  riscv64: "riscv64",
  loong64: "loong64",
  wasm32: "wasm32",
  mips64el: "mips64el",
  gnueabihf: "arm",
};
const EXACT = /^[~^]?([0-9]+\.[0-9]+\.[0-9]+(?:-[\w.]+)?)$/;

/** The lock with an entry for every optional dependency that it names. Answers the names that were added. */
export function completeLock(lock) {
  const added = {};
  for (const [place, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isResolved(lock.packages, place, name)) continue;
      const version = EXACT.exec(range)?.[1];
      if (version === undefined) throw new Error(`${name} is asked for as ${range}: add it by hand`);
      added[`node_modules/${name}`] = platformEntry(name, version, entry.dev === true);
    }
  }
  const packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { lock: { ...lock, packages }, added: Object.keys(added) };
}

/** As Node resolves: beside the asking package, then in each node_modules above it. */
function isResolved(packages, place, name) {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (`${folder === "" ? "" : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === "") return false;
  }
}

function platformEntry(name, version, dev) {
  const words = name.split(/[-/]/);
  const cpu = words
    .map((word) => PROCESSORS[word])
    .filter(Boolean)
    .slice(-1);
  const os = words
    .map((word) => SYSTEMS[word])
    .filter(Boolean)
    .slice(0, 1);
  const libc =
    os[0] !== "linux"
      ? []
      : words.some((word) => word.startsWith("musl"))
        ? ["musl"]
        : words.some((word) => word.startsWith("gnu"))
          ? ["glibc"]
          : [];
  return {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}

const file = join(dirname(dirname(fileURLToPath(import.meta.url))), "package-lock.json");
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { lock, added } = completeLock(JSON.parse(readFileSync(file, "utf8")));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added.length === 0 ? "The lock is complete." : `Added ${added.length} packages of other platforms.`);
}
