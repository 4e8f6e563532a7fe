/**
 * The recipient's viewer in the real Chromium, under the true policy: each kind of file is shown with the watermark in it, and no file
 * becomes more than what is shown.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensurePortal, sharedData } from "@safeconduct/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";
import { element, plainPicture } from "../../apps/portal/src/view/dicom/dicom-samples.ts";
import { openPortalDouble, type PortalDouble } from "./portal-double.ts";
import { openList, view } from "./scenes/viewer.ts";
import {
  bmp,
  BUNDLE_JSON,
  clinicalDocument,
  gif,
  HOSTILE_PDF,
  HOSTILE_MARKUP,
  HOSTILE_SVG,
  LABS_CSV,
  NOTE_TEXT,
  pdf,
  pdfText,
  png,
  pngBomb,
  utf8,
} from "./viewer-samples.ts";

const executable = chromiumPath();
const shared = sharedData();

describe.skipIf(executable === null)("the viewer (needs Chromium on the PATH)", () => {
  let browser: Browser;
  let double: PortalDouble;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    await ensurePortal();
    [browser, double] = await Promise.all([launchChromium(executable ?? ""), openPortalDouble()]);
  });
  afterAll(async () => {
    await browser.close();
    await double.close();
  });
  beforeEach(async () => {
    double.asked.length = 0;
    watched = await openPage(browser, double.origin);
    page = watched.page;
  });
  afterEach(async () => {
    await watched.close();
  });

  const dialog = () => page.getByRole("dialog");
  const back = async () => {
    await dialog().getByRole("button", { name: "Back to the files" }).click();
    await dialog().waitFor({ state: "detached" });
  };
  /** How many elements that could run, load or lead away are in the viewer. */
  const foreignElements = () =>
    page.evaluate(
      () =>
        document.querySelectorAll(
          "dialog :is(script, iframe, img, svg, object, embed, link, style, video, a, form, [onerror], [onload], [onclick])",
        ).length,
    );
  /** Pixels of the canvas that the mark has changed: `of` what colour it would have without, or any that is drawn at all. */
  const markedPixels = (of: number | null) =>
    page.evaluate((grey) => {
      const canvas = document.querySelector<HTMLCanvasElement>("dialog canvas");
      const context = canvas?.getContext("2d");
      if (!canvas || !context) return -1;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let marked = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [value = 0, alpha = 0] = [data[at], data[at + 3]];
        if (alpha > 0 && (grey === null || (alpha === 255 && Math.abs(value - grey) > 8))) marked++;
      }
      return marked;
    }, of);

  /** How many different shades stand in the canvas. */
  const shades = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>("dialog canvas");
      const context = canvas?.getContext("2d");
      if (!canvas || !context) return 0;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set<number>();
      for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) seen.add(data[at] ?? 0);
      return seen.size;
    });

  test("shows text, tables and trees as what they are, whatever stands in them", async () => {
    await openList(page, double, [
      {
        path: "folder/note &lt;img src=x onerror=alert(1)&gt;.txt",
        content: utf8(`${HOSTILE_MARKUP}\nDear colleague`),
      },
      { path: "drawing.svg", content: HOSTILE_SVG },
      { path: "labs.csv", content: utf8(`name,value\n"${HOSTILE_MARKUP.replaceAll('"', '""')}","=1+1"\n`) },
      { path: "bundle.json", content: utf8(JSON.stringify({ [HOSTILE_MARKUP]: HOSTILE_MARKUP, __proto__: 1 })) },
      { path: "other.xml", content: utf8(`<a><b onload="x">${HOSTILE_MARKUP.replaceAll("<", "&lt;")}</b></a>`) },
      { path: "IM0001", content: NOTE_TEXT },
    ]);
    for (const [name, text] of [
      ["note &lt;img src=x onerror=alert(1)&gt;.txt", "<img src=x onerror"],
      ["drawing.svg", "<svg xmlns="],
      ["labs.csv", "=1+1"],
      ["bundle.json", "<img src=x onerror"],
      ["other.xml", "<img src=x onerror"],
      ["IM0001", "Dear colleague"],
    ] as const) {
      await view(page, name);
      await dialog().getByText(text).first().waitFor();
      expect(await foreignElements()).toBe(0);
      expect(await markedPixels(null)).toBeGreaterThan(1000);
      await back();
    }
    expect(await page.title()).not.toContain("owned");
    // All were read whole, so the sender is told as after downloads.
    await page.getByText("We told Riverside Clinic").waitFor();
    expect(watched.faults).toEqual([]);
  });

  test("shows a clinical document as people read it, and nothing of it runs, loads or leads away", async () => {
    const narrative = `<paragraph>${HOSTILE_MARKUP.replace("src=x", 'src="x"')
      .replace("<img", "<img ")
      .replace('">', '"/>')}</paragraph><linkHtml href="javascript:document.title='owned'">press</linkHtml>`;
    await openList(page, double, [{ path: "referral.xml", content: clinicalDocument(narrative) }]);
    await view(page, "referral.xml");
    await dialog().getByRole("heading", { name: "Allergies" }).waitFor();
    await dialog().getByRole("cell", { name: "Penicillin V" }).waitFor();
    await dialog().getByText("Ada Example").waitFor();
    await dialog().getByText("the recording (https://elsewhere.example/ecg)").waitFor();
    await dialog().getByText("press (javascript:").waitFor();
    expect(await foreignElements()).toBe(0);
    await dialog().getByRole("button", { name: "Show the document’s structure" }).click();
    await dialog().getByText("recordTarget").waitFor();
    expect(await page.title()).not.toContain("owned");
    expect(watched.faults).toEqual([]);
  });

  test.skipIf(shared === null)("shows a published C-CDA sample (needs the shared test data)", async () => {
    const content = new Uint8Array(await readFile(join(shared ?? "", "c-cda/Discharge_Summary.xml")));
    await openList(page, double, [{ path: "Discharge_Summary.xml", content }]);
    await view(page, "Discharge_Summary.xml");
    await dialog().getByRole("heading", { name: "Hospital Course" }).waitFor();
    expect(await foreignElements()).toBe(0);
    expect(watched.faults).toEqual([]);
  });

  test("draws pictures into a canvas with the watermark in their pixels", async () => {
    const coded = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(40, 30);
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.fillStyle = "rgb(128 128 128)";
      context.fillRect(0, 0, 40, 30);
      const bytesOf = async (type: string) => [
        ...new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer()),
      ];
      return { jpeg: await bytesOf("image/jpeg"), webp: await bytesOf("image/webp") };
    });
    await openList(page, double, [
      { path: "a.png", content: png(40, 30) },
      { path: "b.jpg", content: new Uint8Array(coded.jpeg) },
      { path: "c.webp", content: new Uint8Array(coded.webp) },
      { path: "d.bmp", content: bmp(40, 30) },
      { path: "e.gif", content: gif() },
      // By its content, whatever its name says.
      { path: "f.gif", content: png(40, 30) },
    ]);
    for (const name of ["a.png", "b.jpg", "c.webp", "d.bmp", "e.gif", "f.gif"]) {
      await view(page, name);
      await dialog()
        .getByRole("img", { name: /pixels$/u })
        .waitFor();
      // One pixel, as large as it gets, lies between two marks.
      await expect.poll(() => markedPixels(name === "e.gif" ? null : 128)).toBeGreaterThan(1000);
      expect(await foreignElements()).toBe(0);
      await back();
    }
    expect(watched.faults).toEqual([]);
  });

  test("draws the pages of a PDF with the watermark in them, turns them by keys, and gives their words to screen readers", async () => {
    const pages = ["First page", "Second page", "Third page"].map((words) => pdfText(words, "of the referral"));
    await openList(page, double, [{ path: "referral.pdf", content: pdf(pages) }]);
    await view(page, "referral.pdf");
    await dialog().getByRole("img", { name: "Page 1", exact: true }).waitFor();
    // The paper is white.
    await expect.poll(() => markedPixels(255), { timeout: 10_000 }).toBeGreaterThan(1000);
    await dialog().getByText("First page of the referral").waitFor({ state: "attached" });
    await dialog().getByText("Page 1 of 3").waitFor();
    await page.keyboard.press("End");
    await dialog().getByText("Page 3 of 3").waitFor();
    await dialog().getByRole("img", { name: "Page 3" }).waitFor();
    await page.keyboard.press("+");
    await dialog().getByText("125 %").waitFor();
    expect(await foreignElements()).toBe(0);
    await back();
    expect(watched.faults).toEqual([]);
  });

  test("follows, runs and fills in nothing of a hostile PDF, and refuses what is none", async () => {
    await openList(page, double, [
      { path: "hostile.pdf", content: HOSTILE_PDF },
      { path: "huge.pdf", content: pdf([pdfText("x")], { mediaBox: "0 0 99999999 99999999" }) },
      { path: "thin.pdf", content: pdf([pdfText("x")], { mediaBox: "0 0 1 99999999" }) },
      { path: "none.pdf", content: utf8(HOSTILE_MARKUP) },
    ]);
    for (const name of ["hostile.pdf", "huge.pdf", "thin.pdf"]) {
      await view(page, name);
      await dialog().getByRole("img", { name: "Page 1", exact: true }).waitFor();
      if (name === "hostile.pdf") await dialog().getByText("A page that wants more").waitFor({ state: "attached" });
      await dialog().locator("canvas").first().click();
      expect(await foreignElements()).toBe(0);
      await back();
    }
    await view(page, "none.pdf");
    await dialog().getByRole("alert").getByText("damaged").waitFor();
    expect(page.context().pages()).toHaveLength(1);
    expect(await page.title()).not.toContain("owned");
    expect(watched.faults).toEqual([]);
  });

  test("puts DICOM pictures together by series, in the order of the body, and shows them by windows of their own", async () => {
    const at = (position: number, seriesUid = "1.2.3") => ({
      rows: 32,
      columns: 32,
      pixels: Array.from({ length: 1024 }, (_, i) => i + position),
      position,
      instance: 1,
      seriesUid,
      description: seriesUid === "1.2.3" ? "Chest" : HOSTILE_MARKUP.slice(0, 40),
    });
    await openList(page, double, [
      { path: "CT/b.dcm", content: plainPicture(at(20)) },
      { path: "CT/IM0001", content: plainPicture(at(10)) },
      { path: "CT/c.dcm", content: plainPicture(at(30)) },
      { path: "CT/other.dcm", content: plainPicture(at(5, "1.2.4")) },
      { path: "note.txt", content: NOTE_TEXT },
    ]);
    await view(page, "b.dcm");
    await dialog().getByRole("img", { name: "Picture 2 of 3: CT · Chest · 2026-11-18" }).waitFor();
    await dialog().getByText("C 40 · W 400").waitFor();
    await expect.poll(() => markedPixels(null)).toBeGreaterThan(1000);
    await page.keyboard.press("ArrowDown");
    await dialog().getByRole("img", { name: "Picture 3 of 3" }).waitFor();
    await dialog().getByRole("combobox", { name: "Window" }).selectOption("Lung");
    await dialog().getByText("C -600 · W 1500").waitFor();
    await dialog().getByRole("button", { name: "Invert" }).click();
    await dialog().getByRole("button", { name: "Reset" }).click();
    await dialog().getByText("C 40 · W 400").waitFor();
    const box = await dialog().locator("canvas").boundingBox();
    if (box === null) throw new Error("no canvas");
    await page.mouse.move(box.x + 200, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 260, box.y + 200);
    await page.mouse.up();
    await dialog()
      .getByText(/C 40 · W 4[78]\d/u)
      .waitFor();
    await dialog().getByRole("combobox", { name: "Series" }).selectOption({ index: 1 });
    await dialog()
      .getByRole("img", { name: /Picture 1 of 1: CT · <img/u })
      .waitFor();
    expect(await foreignElements()).toBe(0);
    expect(watched.faults).toEqual([]);
  });

  test.skipIf(shared === null)(
    "decodes every compression of the published samples in the worker, and says so of others (needs the shared test data)",
    async () => {
      const names = [
        ["CT_small.dcm", "CT"],
        ["MR_small_RLE.dcm", "MR"],
        ["MR_small_jp2klossless.dcm", "MR"],
        ["MR_small_jpeg_ls_lossless.dcm", "MR"],
        ["JPEG2000.dcm", "NM"],
        ["SC_rgb_jpeg_dcmtk.dcm", "OT"],
        ["examples_palette.dcm", "US"],
        ["examples_ybr_color.dcm", "US"],
        ["JPGExtended.dcm", "compressed in a way"],
        ["rtplan.dcm", "no picture that this page can read"],
      ] as const;
      const files = await Promise.all(
        names.map(async ([name]) => ({
          path: name,
          content: new Uint8Array(await readFile(join(shared ?? "", "dicom", name))),
        })),
      );
      for (const [index, [name, words]] of names.entries()) {
        await openList(page, double, files.slice(index, index + 1));
        await view(page, name);
        const isShown = words.length === 2;
        await (isShown
          ? dialog().getByRole("img", { name: /^Picture 1 of/u })
          : dialog().getByText(words).first()
        ).waitFor();
        await expect.poll(() => shades(), { timeout: 10_000 }).toBeGreaterThan(isShown ? 20 : -1);
      }
      expect(watched.faults).toEqual([]);
    },
  );

  test("refuses DICOM files whose lengths lie, and goes on", async () => {
    await openList(page, double, [
      { path: "long.dcm", content: plainPicture({ before: element("00081140", "SQ", new Uint8Array(0), 0xffffffff) }) },
      { path: "huge.dcm", content: plainPicture({ rows: 16_384, columns: 16_384 }) },
      { path: "none.dcm", content: utf8(HOSTILE_MARKUP) },
      {
        path: "good.dcm",
        content: plainPicture({ rows: 8, columns: 8, pixels: Array.from({ length: 64 }, (_, i) => i) }),
      },
    ]);
    for (const name of ["long.dcm", "huge.dcm", "none.dcm"]) {
      await view(page, name);
      await dialog().getByRole("alert").getByText("no picture that this page can read").waitFor();
      await back();
    }
    await view(page, "good.dcm");
    await dialog()
      .getByRole("img", { name: /Picture 1 of 1/u })
      .waitFor();
    expect(watched.faults).toEqual([]);
  });

  test("refuses a picture that asks for gigabytes, one that is none, and goes on", async () => {
    await openList(page, double, [
      { path: "bomb.png", content: pngBomb(32_000, 32_000) },
      { path: "cut.png", content: png(40, 30).slice(0, 60) },
      { path: "page.png", content: utf8(HOSTILE_MARKUP) },
      { path: "empty.txt", content: new Uint8Array(0) },
      { path: "archive", content: utf8("PK\u0003\u0004\u0000") },
      { path: "good.txt", content: NOTE_TEXT },
    ]);
    for (const [name, words] of [
      ["bomb.png", "more pixels than this page can hold"],
      ["cut.png", "damaged"],
      ["page.png", "damaged"],
      ["empty.txt", "The file is empty"],
      ["archive", "does not know what kind"],
    ] as const) {
      await view(page, name);
      await dialog().getByRole("alert").getByText(words).waitFor();
      await back();
    }
    await view(page, "good.txt");
    await dialog().getByText("Dear colleague").waitFor();
    expect(watched.faults).toEqual([]);
  });

  test("shows nothing of a file that is not what was sent", async () => {
    await openList(page, double, [{ path: "note.txt", content: NOTE_TEXT }]);
    const genuine = double.blob;
    double.blob = (range) => {
      const answer = genuine(range);
      if (answer instanceof Uint8Array) answer[answer.length - 30] = (answer.at(-30) ?? 0) ^ 1;
      return answer;
    };
    await view(page, "note.txt");
    await dialog().getByRole("alert").waitFor();
    expect(await page.content()).not.toContain("Dear colleague");
    expect(double.asked.filter((asked) => asked.includes("receipt"))).toEqual([]);
    expect(watched.faults).toEqual([]);
  });

  test("opens and closes by keyboard, by Escape and by the browser's back, and comes back to where one was", async () => {
    await openList(page, double, [
      { path: "a.txt", content: NOTE_TEXT },
      { path: "labs.csv", content: LABS_CSV },
    ]);
    const button = page.getByRole("button", { name: "View labs.csv" });
    const isFocused = () => button.evaluate((element) => element === document.activeElement);
    for (const leave of [
      () => page.keyboard.press("Escape"),
      () => page.goBack(),
      () => page.keyboard.press("Enter"),
    ]) {
      await button.focus();
      await page.keyboard.press("Enter");
      await dialog().getByText("Haemoglobin").waitFor();
      await leave();
      await dialog().waitFor({ state: "detached" });
      await expect.poll(isFocused).toBe(true);
    }
    await page.getByRole("heading", { name: "2 files for you" }).waitFor();
    expect(watched.faults).toEqual([]);
  });

  test("saves and copies nothing where the sender allows viewing only, and still tells the sender of the arrival", async () => {
    const raw = { path: "raw-export.zip", content: utf8("PK") };
    await openList(page, double, [{ path: "note.txt", content: NOTE_TEXT }, raw], "viewable");
    await page.getByText("This kind of file cannot be shown here").waitFor();
    expect(await page.getByRole("button", { name: /Download/u }).count()).toBe(0);
    await view(page, "note.txt");
    await dialog().getByText("Dear colleague").click();
    await dialog().getByText("this page saves nothing").waitFor();
    expect(await page.getByRole("button", { name: /Download/u }).count()).toBe(0);
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+c");
    expect(await page.evaluate(() => navigator.clipboard.readText())).not.toContain("Dear colleague");
    await back();
    // A file that can be neither shown nor saved keeps no receipt back.
    await page.getByText("All files that can be shown here arrived whole. We told Riverside Clinic").waitFor();
    expect(watched.faults).toEqual([]);
  });

  test("leaves nothing behind, and prints a sentence instead of the file", async () => {
    await openList(page, double, [{ path: "bundle.json", content: BUNDLE_JSON }]);
    await view(page, "bundle.json");
    await dialog().getByText("resourceType").first().waitFor();
    await page.emulateMedia({ media: "print" });
    expect(await dialog().getByText("resourceType").first().isVisible()).toBe(false);
    expect(await dialog().getByText("This view is not printed").isVisible()).toBe(true);
    await page.emulateMedia({ media: "screen" });
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
    expect(await dialog().count()).toBe(0);
    expect(await page.content()).not.toContain("resourceType");
    const kept = await page.evaluate(async () => [
      localStorage.length,
      sessionStorage.length,
      (await indexedDB.databases()).length,
      (await caches.keys()).length,
    ]);
    expect(kept).toEqual([0, 0, 0, 0]);
    expect(watched.faults).toEqual([]);
  });
});
