/** The recipient's viewer, each kind of file and each state, for the list in `portal-scenes.ts`. */
import type { GrantProfile } from "@safeconduct/envelope";
import type { Page } from "playwright-core";
import { plainPicture } from "../../../apps/portal/src/view/dicom/dicom-samples.ts";
import { offer, type PortalDouble, problem } from "../portal-double.ts";
import { type SampleFile, samplePackage } from "../portal-package.ts";
import {
  BUNDLE_JSON,
  clinicalDocument,
  LABS_CSV,
  NOTE_TEXT,
  pdf,
  pdfText,
  png,
  pngBomb,
  utf8,
} from "../viewer-samples.ts";
import type { Scene } from "./scene.ts";

/** Opens a link to these files and goes on to the list of them. */
export async function openList(
  page: Page,
  double: PortalDouble,
  files: readonly SampleFile[],
  profile: GrantProfile = "downloadable",
): Promise<void> {
  const sample = await samplePackage(files, { profile });
  double.answers.clear();
  offer(double, sample);
  await page.goto(`${double.origin}${sample.link}`);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("6-digit code").fill("402719");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: /for you$/u }).waitFor();
}

export async function view(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `View ${name}` }).click();
  await page.getByRole("dialog", { name }).waitFor();
}

/** A drawing with edges and shades, so that zoom and mark can be judged by eye. */
const drawing = (): Uint8Array<ArrayBuffer> =>
  png(640, 480, (x, y) => ((x - 320) ** 2 + (y - 240) ** 2 < 180 ** 2 ? 70 + ((x + y) % 160) : 20 + (x >> 2)));

/** Something round that changes from slice to slice. */
const shades = (slice: number): number[] =>
  Array.from({ length: 128 * 128 }, (_, i) => {
    const [x, y] = [(i % 128) - 64, Math.floor(i / 128) - 64];
    const inside = Math.hypot(x, y * 1.3) < 50 + 4 * slice;
    return inside ? 20 + ((x * y + 40 * slice) & 63) : 0;
  });

/** A scene that opens `files` and views the first of them. */
const viewed = (name: string, files: readonly SampleFile[], text: string) => ({
  name: `view-${name}`,
  async show(page: Page, double: PortalDouble) {
    await openList(page, double, files);
    await view(page, files[0]?.path ?? "");
    await page.getByRole("dialog").getByText(text).first().waitFor();
  },
});

const one = (path: string, content: Uint8Array<ArrayBuffer>): readonly SampleFile[] => [{ path, content }];

export const viewerScenes: readonly Scene[] = [
  viewed("text", one("referral-note.txt", NOTE_TEXT), "Dear colleague"),
  viewed("csv", one("labs-2026-11-18.csv", LABS_CSV), "Haemoglobin"),
  viewed("json", one("bundle.json", BUNDLE_JSON), "resourceType"),
  viewed("c-cda", one("referral.xml", clinicalDocument()), "Penicillin V"),
  viewed("picture", one("wound.png", drawing()), "Fit to the window"),
  viewed(
    "pdf",
    one("referral.pdf", pdf([pdfText("Referral", "Palpitations since the summer."), pdfText("Page two")])),
    "Page 1 of 2",
  ),
  {
    name: "view-dicom",
    async show(page, double) {
      const slices = [0, 1, 2].map((index) => ({
        path: `CT chest/slice-${index + 1}.dcm`,
        content: plainPicture({
          rows: 128,
          columns: 128,
          pixels: shades(index),
          instance: index + 1,
          position: 5 * index,
        }),
      }));
      await openList(page, double, slices);
      await view(page, "slice-1.dcm");
      await page.getByRole("img", { name: "Picture 1 of 3" }).waitFor();
    },
  },
  viewed("dicom-refused", one("plan.dcm", utf8("no picture")), "no picture that this page can read"),
  viewed("picture-too-large", one("plan.png", pngBomb(30_000, 30_000)), "more pixels than this page can hold"),
  viewed("not-well-formed", one("export.json", utf8('{"a": 1,\n "b": }\n')), "not well-formed"),
  {
    name: "view-only-list",
    async show(page, double) {
      await openList(page, double, [...one("labs.csv", LABS_CSV), ...one("letter.docx", NOTE_TEXT)], "viewable");
    },
  },
  {
    name: "view-only-text",
    async show(page, double) {
      await openList(page, double, one("referral-note.txt", NOTE_TEXT), "viewable");
      await view(page, "referral-note.txt");
      await page.getByRole("dialog").getByText("Dear colleague").waitFor();
    },
  },
  {
    name: "view-reading",
    async show(page, double) {
      await openList(page, double, one("referral-note.txt", NOTE_TEXT));
      double.blob = () => ({ hang: true });
      await view(page, "referral-note.txt");
      await page.getByText("Fetching and checking").first().waitFor();
    },
  },
  {
    name: "view-failed",
    async show(page, double) {
      await openList(page, double, one("referral-note.txt", NOTE_TEXT));
      double.blob = () => problem(404, "grant/unavailable", "These files are not available. Ask the sender.");
      await view(page, "referral-note.txt");
      await page.getByRole("alert").waitFor();
    },
  },
];
