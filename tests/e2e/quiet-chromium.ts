/**
 * A Chromium that nobody listens to while it works. A debugger copies what passes over the network and keeps answers in the page's own
 * memory, so speed and memory are only true without one: it is attached for the steps of a person and let go before the work begins. The
 * page itself notes when it was pressed, when it was done and which of its tasks were long.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childProcesses, ownMemoryBytes } from "@safeconduct/testkit";
import { chromium, type Page } from "playwright-core";
import { CHROMIUM_FLAGS } from "./portal-browser.ts";

const STEP_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 20;
/** What a look at a browser that works takes is missing for its work. */
const LOOK_AT_WORK_EVERY_MS = 100;
const MEMORY_EVERY_MS = 50;
/** Looks at the memory of processes that are known, between two looks for new ones, which cost ten times as much. */
const LOOKS_PER_WALK = 20;
/** Between the moment at which a press is arranged and the press: the debugger is gone by then. */
const PRESS_AFTER_MS = 1_500;
const DONE_TITLE = "the press is done";

/** What is pressed, and what the page shows when it is done: an element with this text, or a picture in a canvas. */
export interface Press {
  /** Accessible name of the button. */
  readonly button: string;
  readonly until: { readonly selector: string; readonly text: string } | "picture";
}

/** Milliseconds since the epoch; tasks of the page's main thread of more than 50 ms. */
interface PressOutcome {
  readonly pressedAt: number;
  readonly doneAt: number;
  readonly longTasksMs: readonly number[];
}

/** The page with its workers is one process, the largest of its kind. */
type ProcessKind = "page" | "browser" | "network";

/**
 * Most memory that one process of each kind had for itself alone while it was done: what Chromium's own task manager shows. What it shares,
 * the program itself above all, is not in it. Linux alone tells.
 */
export type PeakBytes = Readonly<Record<ProcessKind, number>>;

export interface QuietChromium {
  /** Where the browser puts what it downloads. */
  readonly downloads: string;
  /** Runs `steps` on the page that was opened last, or a new one, with a debugger that is gone afterwards. */
  steps<Result>(steps: (page: Page) => Promise<Result>): Promise<Result>;
  /** A new page, opened without a debugger; the one before is closed. Resolves when its title holds `title`. */
  open(address: string, title: string): Promise<void>;
  /** Presses and waits until it is done, with nobody attached meanwhile. */
  press(press: Press, limitMs: number): Promise<PressOutcome & { readonly peakBytes: PeakBytes }>;
  /** Resolves at the moment when a download of this name lies whole in the folder; milliseconds since the epoch. */
  arrived(name: string, sizeBytes: number, limitMs: number): Promise<number>;
  close(): Promise<void>;
}

export async function startQuietChromium(
  executable: string,
  root: string,
  more: readonly string[] = [],
): Promise<QuietChromium> {
  const [profile, downloads] = [join(root, "profile"), join(root, "downloads")];
  await mkdir(join(profile, "Default"), { recursive: true });
  await mkdir(downloads, { recursive: true });
  await writeFile(join(profile, "Default/Preferences"), JSON.stringify(preferences(downloads)));
  const flags = [...CHROMIUM_FLAGS, ...more, "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  // A group of its own, which is ended as a whole; it must not outlive a run that is interrupted.
  const child = spawn(executable, [...flags, "about:blank"], { stdio: "ignore", detached: true });
  process.once("exit", () => endGroup(child));
  const port = await portOf(profile, child);
  return new Quiet({ child, port, downloads });
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
}

const preferences = (folder: string) => ({
  download: { default_directory: folder, prompt_for_download: false, directory_upgrade: true },
  profile: { default_content_setting_values: { automatic_downloads: 1 } },
});

async function portOf(profile: string, child: ChildProcess): Promise<number> {
  const file = join(profile, "DevToolsActivePort");
  return within(STEP_LIMIT_MS, "Chromium does not start", () => {
    if (child.exitCode !== null) throw new Error(`Chromium ended with ${child.exitCode}`);
    const [line] = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    return line === undefined || line === "" ? null : Number(line);
  });
}

interface Target {
  readonly id: string;
  readonly type: string;
  readonly title: string;
}

class Quiet implements QuietChromium {
  readonly downloads: string;
  private readonly child: ChildProcess;
  private readonly port: number;

  constructor({ child, port, downloads }: { child: ChildProcess; port: number; downloads: string }) {
    [this.child, this.port, this.downloads] = [child, port, downloads];
  }

  async steps<Result>(steps: (page: Page) => Promise<Result>): Promise<Result> {
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${this.port}`, { isLocal: true, noDefaults: true });
    try {
      const [context] = browser.contexts();
      if (context === undefined) throw new Error("Chromium without a profile");
      context.setDefaultTimeout(STEP_LIMIT_MS);
      return await steps(context.pages().at(-1) ?? (await context.newPage()));
    } finally {
      // Of a browser that was connected to this ends the connection alone.
      await browser.close();
    }
  }

  async open(address: string, title: string): Promise<void> {
    const before = await this.pages();
    await fetch(`http://127.0.0.1:${this.port}/json/new?${encodeURIComponent(address)}`, { method: "PUT" });
    for (const { id } of before) await fetch(`http://127.0.0.1:${this.port}/json/close/${id}`);
    await this.titled(title, STEP_LIMIT_MS);
  }

  async press(press: Press, limitMs: number): Promise<PressOutcome & { readonly peakBytes: PeakBytes }> {
    await this.steps((page) => page.evaluate(arrangePress, { ...press, afterMs: PRESS_AFTER_MS, title: DONE_TITLE }));
    const peakBytes = { page: 0, browser: 0, network: 0 };
    let looks = 0;
    let known = this.processes();
    const watch = setInterval(() => {
      if (++looks % LOOKS_PER_WALK === 0) known = this.processes();
      for (const { pid, kind } of known) peakBytes[kind] = Math.max(peakBytes[kind], ownMemoryBytes(pid));
    }, MEMORY_EVERY_MS);
    try {
      await this.titled(DONE_TITLE, limitMs, LOOK_AT_WORK_EVERY_MS);
    } finally {
      clearInterval(watch);
    }
    const outcome = await this.steps((page) =>
      page.evaluate(() => (globalThis as unknown as { pressOutcome: PressOutcome }).pressOutcome),
    );
    return { ...outcome, peakBytes };
  }

  arrived(name: string, sizeBytes: number, limitMs: number): Promise<number> {
    const path = join(this.downloads, name);
    return within(limitMs, "the download does not arrive", () =>
      existsSync(path) && statSync(path).size === sizeBytes ? Date.now() : null,
    );
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    endGroup(this.child);
    await ended;
  }

  private async pages(): Promise<readonly Target[]> {
    const targets = (await (await fetch(`http://127.0.0.1:${this.port}/json/list`)).json()) as Target[];
    return targets.filter(({ type }) => type === "page");
  }

  /** The list of pages is answered by the browser: no page hears of it. */
  private titled(title: string, limitMs: number, everyMs?: number): Promise<string> {
    const look = async () => {
      const pages = await this.pages();
      return pages.find((page) => page.title.includes(title))?.id ?? null;
    };
    return within(limitMs, `no page is called "${title}"`, look, everyMs);
  }

  /** Those of which the memory counts. */
  private processes(): { pid: number; kind: ProcessKind }[] {
    const found: { pid: number; kind: ProcessKind }[] = [];
    const waiting = [this.child.pid ?? 0];
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
      const kind = kindOf(commandLine(pid));
      if (kind !== null) found.push({ pid, kind });
      waiting.push(...childProcesses(pid));
    }
    return found;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function kindOf(line: string): ProcessKind | null {
  if (line.includes("--type=renderer")) return "page";
  if (line.includes("network.mojom.NetworkService")) return "network";
  return line.includes("--type=") ? null : "browser";
}

/** Runs in the page, and stays when the debugger has gone. */
function arrangePress({ button, until, afterMs, title }: Press & { afterMs: number; title: string }): void {
  const longTasksMs: number[] = [];
  const note = (list: PerformanceObserverEntryList): void => {
    for (const { duration } of list.getEntries()) longTasksMs.push(duration);
  };
  const observer = new PerformanceObserver(note);
  let pressedAt = 0;
  const named = (element: Element): boolean =>
    (element.getAttribute("aria-label") ?? element.textContent ?? "").trim() === button;
  const isDone = (): boolean => {
    if (until !== "picture")
      return [...document.querySelectorAll(until.selector)].some((one) => one.textContent.includes(until.text));
    const canvas = document.querySelector<HTMLCanvasElement>("dialog canvas");
    if (canvas === null || canvas.width === 0) return false;
    const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const shades = new Set<number>();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) shades.add(data[at] ?? 0);
    return shades.size > 16;
  };
  const look = (): void => {
    if (!isDone()) return;
    const doneAt = performance.timeOrigin + performance.now();
    changes.disconnect();
    clearInterval(pictures);
    for (const { duration } of observer.takeRecords()) longTasksMs.push(duration);
    Object.assign(globalThis, { pressOutcome: { pressedAt, doneAt, longTasksMs } });
    // After the page's own title for what it shows now.
    setTimeout(() => {
      document.title = title;
    }, 500);
  };
  const changes = new MutationObserver(look);
  let pictures: ReturnType<typeof setInterval> | undefined;
  setTimeout(() => {
    const target = [...document.querySelectorAll("button")].find(named);
    if (target === undefined) throw new Error(`no button is called ${button}`);
    observer.observe({ type: "longtask" });
    // What a canvas shows changes no element.
    if (until === "picture") pictures = setInterval(look, 5);
    else changes.observe(document, { subtree: true, childList: true, characterData: true });
    pressedAt = performance.timeOrigin + performance.now();
    target.click();
  }, afterMs);
}

/** The first answer that is not null, looked for again and again. */
async function within<Result>(
  limitMs: number,
  complaint: string,
  look: () => Result | null | Promise<Result | null>,
  everyMs = LOOK_EVERY_MS,
): Promise<Result> {
  for (const end = Date.now() + limitMs; ; ) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`${complaint} within ${limitMs} ms`);
    await sleep(everyMs);
  }
}

/** Names in a folder of downloads, with those that are not whole. */
export const downloadedNames = (chromium: Pick<QuietChromium, "downloads">): string[] =>
  readdirSync(chromium.downloads).toSorted();
