#!/usr/bin/env node
// The command line under the pinned Node. Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPinned } from "../../../tools/with-pinned-node.mjs";

runPinned([join(dirname(dirname(fileURLToPath(import.meta.url))), "src", "main.ts"), ...process.argv.slice(2)]);
