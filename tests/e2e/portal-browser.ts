/**
 * The real Chromium for tests of pages. Every page is watched: a violated policy, an uncaught error or a request to
 * anywhere else fails the test that caused it.
 */
import { execFileSync } from "node:child_process";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";

export const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Long for one step of a page even on a busy machine; a wrong step must not cost minutes. */
const STEP_LIMIT_MS = 15_000;

/** Path of Chromium, or null on a machine without. */
export function chromiumPath(): string | null {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // The next name.
    }
  }
  return null;
}

/**
 * What Playwright 1.65 turns off itself: of two lists Chromium takes the last only, so that ours repeats it. Without the last
 * two every new window loads two pages for the suggestions of an address bar that nobody sees, at half the cost of a test.
 */
const OFF = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "TcpPortRandomizationWin",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
];

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS, `--disable-features=${OFF.join(",")}`] });
}

/** Four seconds, where sixty are drawn in each. */
const RESTYLE_LIMIT_FRAMES = 240;

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** BCP 47. */
  readonly locale?: string;
}

export interface WatchedPage {
  readonly page: Page;
  /** What went wrong on the page so far; a test ends by expecting none. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** A fresh profile: nothing is left from another test. */
export async function openPage(browser: Browser, origin: string, look: Look = {}): Promise<WatchedPage> {
  const { width = 1280, height = 900, colorScheme = "light", locale = "en-GB" } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale,
    timezoneId: "Europe/London",
    reducedMotion: "reduce",
    acceptDownloads: true,
    permissions: ["clipboard-read", "clipboard-write"],
    isMobile: width < 500,
    hasTouch: width < 500,
  });
  context.setDefaultTimeout(STEP_LIMIT_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    // Chromium itself reports answers such as 404 as errors; they are part of the stories told here.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("blob:"))
      faults.push(`asked elsewhere: ${new URL(request.url()).host}`);
  });
  return { page, faults, close: () => context.close() };
}

/** A device with passkeys, inside Chromium, that says yes at once. */
export interface VirtualDevice {
  /** Whether it can tell who is there. */
  verifies(verified: boolean): Promise<void>;
  /** Of what it holds, with private keys. */
  credentials(): Promise<{ credentialId: string; signCount: number; rpId?: string }[]>;
  /** Takes what another device held. */
  take(credential: Awaited<ReturnType<VirtualDevice["credentials"]>>[number]): Promise<void>;
  /** Holds nothing any more. */
  forget(): Promise<void>;
}

export async function virtualDevice(page: Page, { hasPrf = false }: { hasPrf?: boolean } = {}): Promise<VirtualDevice> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf,
    },
  });
  const held = async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  return {
    verifies: async (isUserVerified) => {
      await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
    },
    credentials: held,
    take: async (credential) => {
      await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: credential as never });
    },
    forget: async () => {
      await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
    },
  };
}

/**
 * What axe finds against WCAG 2.2 A and AA, one line each. In one call within the page: its other way opens a blank page for
 * each look, which takes ten times as long and serves frames of other origins. Here a frame is a fault by itself.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  if (page.frames().length > 1) return ["there is a frame, and axe does not look into it"];
  // Brought in once for a page.
  const isThere = await page.evaluate("typeof axe === 'object'");
  const { violations } = await new AxeBuilder(isThere === true ? { page, axeSource: "0" } : { page })
    .setLegacyMode()
    // All rules run; of what they let pass, one element each is described instead of every one.
    .options({ resultTypes: ["violations"] })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
}

/** Another width and colour scheme for an open page, drawn when this resolves. */
export async function restyle(
  page: Page,
  { width, colorScheme }: { width: number; colorScheme: "light" | "dark" },
): Promise<void> {
  await page.setViewportSize({ width, height: 844 });
  await page.emulateMedia({ colorScheme });
  // Colours are those of the last frame, and what inherits one may change a frame after what it inherits from.
  await page.evaluate(async (limit) => {
    const frame = () => new Promise(requestAnimationFrame);
    const isChanging = () => document.getAnimations().some((animation) => animation instanceof CSSTransition);
    for (let frames = 0, still = 0; still < 5 && frames < limit; frames++) {
      await frame();
      still = isChanging() ? 0 : still + 1;
    }
  }, RESTYLE_LIMIT_FRAMES);
}

/** Controls smaller than 24 by 24 pixels (WCAG 2.2, 2.5.8); links inside running text are exempt there. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, input, summary, nav a, a.button")]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.width}×${box.height}`),
  );
}

/** What sticks out to the side (WCAG 2.2, 1.4.10). */
export function widthFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth <= clientWidth ? [] : [`the page is ${scrollWidth} wide in a window of ${clientWidth}`];
  });
}
