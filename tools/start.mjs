#!/usr/bin/env node
// `npm start`: builds the portal when its sources changed, then runs the server under the pinned Node.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { pinnedNode, runPinned } from "./with-pinned-node.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const portal = join(root, "apps", "portal");
const stamp = join(portal, "dist", ".sources");

/** What goes into the bundle: the portal, the packages that run in the browser, and the versions of everything else. */
const SOURCES = ["apps/portal", "packages", "adapters/crypto-web"];

/** Builds apps/portal/dist unless it is there for exactly these sources. Ends the process when the build fails. */
export function ensurePortal() {
  const now = sourcesHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) return;
  process.stderr.write("Building the portal (first start after a change, some seconds) …\n");
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const built = spawnSync(pinnedNode(), [vite, "build", "--logLevel", "error"], {
    cwd: portal,
    stdio: ["ignore", 2, 2],
  });
  if (built.status !== 0) {
    process.stderr.write('safeconduct: the portal could not be built. Run "npm ci" and try again.\n');
    process.exit(70);
  }
  writeFileSync(stamp, now);
}

function sourcesHash() {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const folder of SOURCES) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() &&
          !/node_modules|[\\/]dist\b/.test(entry.parentPath ?? entry.path) &&
          !entry.name.endsWith(".test.ts"),
      )
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort();
    for (const file of files) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file));
  }
  return hash.digest("hex");
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  ensurePortal();
  runPinned([join(root, "apps", "server", "src", "main.ts"), ...process.argv.slice(2)]);
}
