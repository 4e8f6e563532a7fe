#!/usr/bin/env node
// Pictures of every page and state of the portal, wide and narrow, light and dark, for people to look at:
// `node tools/screens.mjs FOLDER [NAME…]`. Builds the portal first; needs Chromium.
// `--guides` in place of the names makes just the pictures that docs/guides name, as they name them.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinnedNode } from "./with-pinned-node.mjs";

const LOOKS = [
  { label: "1280-light", width: 1280, height: 900, colorScheme: "light" },
  { label: "1280-dark", width: 1280, height: 900, colorScheme: "dark" },
  { label: "390-light", width: 390, height: 844, colorScheme: "light" },
  { label: "390-dark", width: 390, height: 844, colorScheme: "dark" },
];

const GUIDES = fileURLToPath(new URL("../docs/guides/", import.meta.url));

const [folder, ...wanted] = process.argv.slice(2);
const isNamed = wanted[0] === "--guides" ? namedByGuides() : namedOnCommandLine;

if (folder === undefined) {
  console.error("Usage: node tools/screens.mjs FOLDER [NAME…]");
  process.exitCode = 64;
} else if (Number(process.versions.node.split(".")[0]) === 24) {
  await takePictures();
} else {
  const { status } = spawnSync(pinnedNode(), [fileURLToPath(import.meta.url), folder, ...wanted], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}

async function takePictures() {
  const { ensurePortal } = await import("./start.mjs");
  const { chromiumPath, launchChromium, openPage } = await import("../tests/e2e/portal-browser.ts");
  const { openPortalDouble } = await import("../tests/e2e/portal-double.ts");
  const { scenes } = await import("../tests/e2e/portal-scenes.ts");
  ensurePortal();
  const path = chromiumPath();
  if (path === null) throw new Error("Chromium was not found on the PATH.");
  mkdirSync(folder, { recursive: true });
  const [browser, double] = await Promise.all([launchChromium(path), openPortalDouble()]);
  try {
    for (const scene of scenes) {
      for (const { label, ...look } of LOOKS) {
        if (!isNamed(scene.name, label)) continue;
        const watched = await openPage(browser, double.origin, look);
        try {
          await scene.show(watched.page, double);
          await watched.page.evaluate(() => document.fonts.ready);
          // An open dialog belongs to the window, not to the page.
          const fullPage = (await watched.page.locator("dialog[open]").count()) === 0;
          await watched.page.screenshot({ path: join(folder, `${scene.name}-${label}.png`), fullPage });
          for (const fault of watched.faults) console.log(`${scene.name} ${label}: ${fault}`);
        } catch (error) {
          console.log(`${scene.name} ${label}: ${error.message.split("\n")[0]}`);
          for (const fault of watched.faults) console.log(`${scene.name} ${label}: ${fault}`);
          await watched.page.screenshot({ path: join(folder, `${scene.name}-${label}-FAILED.png`) });
        } finally {
          await watched.close();
        }
      }
    }
  } finally {
    await browser.close();
    await double.close();
  }
}

function namedOnCommandLine(scene) {
  return wanted.length === 0 || wanted.some((name) => scene.startsWith(name));
}

function namedByGuides() {
  const guides = readdirSync(GUIDES).filter((name) => name.endsWith(".md"));
  const text = guides.map((name) => readFileSync(join(GUIDES, name), "utf8")).join("\n");
  return (scene, label) => text.includes(`(pictures/${scene}-${label}.png)`);
}
