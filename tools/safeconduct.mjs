#!/usr/bin/env node
// `npx safeconduct`: the command line under the pinned Node.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPinned } from "./with-pinned-node.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2);
// These read the data folder and its configuration, which are the server's: the command line never does.
const SERVER_WORDS = new Set(["config", "fsck"]);
const app = SERVER_WORDS.has(words[0]) ? "server" : "cli";
runPinned([join(root, "apps", app, "src", "main.ts"), ...words]);
