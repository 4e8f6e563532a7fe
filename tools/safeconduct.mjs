#!/usr/bin/env node
// `npx safeconduct`: the command line under the pinned Node.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPinned } from "./with-pinned-node.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
runPinned([join(root, "apps", "cli", "src", "main.ts"), ...process.argv.slice(2)]);
