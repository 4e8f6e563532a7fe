/** The second language in the real Chromium: taken from the browser or chosen at the foot, also by a recipient, whose link stays whole. */
import { ensurePortal } from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, restyle, widthFaults } from "./portal-browser.ts";
import {
  instance,
  invitation,
  member,
  offer,
  openPortalDouble,
  type PortalDouble,
  problem,
  signedOut,
} from "./portal-double.ts";
import { samplePackage } from "./portal-package.ts";

const executable = chromiumPath();

describe.skipIf(executable === null)("another language (needs Chromium on the PATH)", () => {
  let browser: Browser;
  let double: PortalDouble;

  beforeAll(async () => {
    await ensurePortal();
    [browser, double] = await Promise.all([launchChromium(executable ?? ""), openPortalDouble()]);
    double.answers.set("GET /instance", instance());
    double.answers.set("GET /me", signedOut);
    double.answers.set("POST /sessions", problem(403, "sign-in/refused", "Address, password and code do not match."));
  });
  afterAll(async () => {
    await browser.close();
    await double.close();
  });

  const language = (page: { getAttribute: (at: string, name: string) => Promise<string | null> }) =>
    page.getAttribute("html", "lang");

  test("is the browser's own, and another one can be chosen for this and every later visit", async () => {
    const { page, faults, close } = await openPage(browser, double.origin, { locale: "es-MX" });
    try {
      await page.goto(`${double.origin}/sign-in`);
      await page.getByRole("heading", { level: 1, name: "Iniciar sesión" }).waitFor();
      expect(await language(page)).toBe("es");
      await page.getByLabel("Correo electrónico").fill("m.okafor@riverside.example");
      await page.getByLabel("Contraseña", { exact: true }).fill("correct horse battery staple");
      await page.getByLabel("Código de su autenticador").fill("402719");
      await page.getByRole("button", { name: "Iniciar sesión" }).click();
      await page.getByText("La dirección, la contraseña y el código no coinciden.").first().waitFor();
      faults.push(...(await accessibilityFaults(page)));
      await restyle(page, { width: 320, colorScheme: "dark" });
      faults.push(...(await widthFaults(page)));

      await page.getByRole("button", { name: "English" }).click();
      await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
      await page.goto(`${double.origin}/sign-in`);
      await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
      expect(await language(page)).toBe("en");
    } finally {
      await close();
    }
    expect(faults.join("\n")).toBe("");
  });

  test("is told to the server when a member chooses it, because mails to them are in it", async () => {
    const { page, faults, close } = await openPage(browser, double.origin);
    double.answers.set("GET /me", { body: member });
    double.answers.set("GET /mailbox", { body: { messages: [] } });
    const told: unknown[] = [];
    double.answers.set("POST /me/language", ({ body }) => {
      told.push(body);
      return { status: 204 };
    });
    try {
      await page.goto(`${double.origin}/mailbox`);
      await page.getByText("M. Okafor").first().waitFor();
      await page.getByRole("button", { name: "Español" }).click();
      await page.locator("html[lang=es]").waitFor({ state: "attached" });
      expect(told).toEqual([{ language: "es" }]);
    } finally {
      double.answers.set("GET /me", signedOut);
      await close();
    }
    expect(faults.join("\n")).toBe("");
  });

  test("is the one that the sender chose for the link, until its reader chooses another", async () => {
    const sample = await samplePackage([{ path: "report.pdf", content: new Uint8Array(1000) }]);
    offer(double, sample);
    double.answers.set("GET /grants/*", invitation({ language: "es" }));
    const { page, faults, close } = await openPage(browser, double.origin, { width: 390 });
    const spanish = page.getByRole("heading", { level: 1, name: "Riverside Clinic le envió archivos" });
    const english = page.getByRole("heading", { level: 1, name: "Riverside Clinic sent you files" });
    const isClean = async () =>
      page.evaluate(() => ({ hash: location.hash, kept: localStorage.length + sessionStorage.length }));
    try {
      await page.goto(`${double.origin}${sample.link}`);
      await spanish.waitFor();
      expect(await language(page)).toBe("es");
      // Neither the secret part nor a choice that nobody made stays behind.
      expect(await isClean()).toEqual({ hash: "", kept: 0 });
      await page.getByRole("button", { name: "English" }).click();
      await english.waitFor();
      await page.goto("about:blank");
      await page.goto(`${double.origin}${sample.link}`);
      await english.waitFor();
      expect(await language(page)).toBe("en");
    } finally {
      await close();
    }
    expect(faults.join("\n")).toBe("");
  });

  test("can be chosen by a recipient without opening the link again", async () => {
    const sample = await samplePackage([{ path: "report.pdf", content: new Uint8Array(1000) }]);
    offer(double, sample);
    const { page, faults, close } = await openPage(browser, double.origin, { width: 390 });
    try {
      await page.goto(`${double.origin}${sample.link}`);
      await page.getByRole("heading", { level: 1, name: "Riverside Clinic sent you files" }).waitFor();
      await page.getByRole("button", { name: "Español" }).click();
      await page.getByRole("heading", { level: 1, name: "Riverside Clinic le envió archivos" }).waitFor();
      // The secret part is out of the address again.
      expect(new URL(page.url()).hash).toBe("");
      faults.push(...(await accessibilityFaults(page)), ...(await widthFaults(page)));
    } finally {
      await close();
    }
    expect(faults.join("\n")).toBe("");
  });
});
