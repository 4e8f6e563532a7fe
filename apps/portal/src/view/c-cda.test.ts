import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedData } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { type Block, type Inline, readClinicalDocument, type Section } from "./c-cda.ts";
import { readXml } from "./xml.ts";

const document = (narrative: string, title = "Reason") =>
  readClinicalDocument(
    readXml(
      `<ClinicalDocument xmlns="urn:hl7-org:v3"><title>T</title><component><structuredBody><component><section><title>${title}</title><text>${narrative}</text></section></component></structuredBody></component></ClinicalDocument>`,
    ),
  );
const blocks = (narrative: string): readonly Block[] => document(narrative)?.sections[0]?.blocks ?? [];
const inlineText = (inline: Inline): string =>
  typeof inline === "string" ? inline : "inside" in inline ? inline.inside.map(inlineText).join("") : "\n";
const blockText = (block: Block): string => {
  switch (block.kind) {
    case "paragraph":
      return block.caption + block.inside.map(inlineText).join("");
    case "list":
      return block.caption + block.items.flat().map(blockText).join(" ");
    case "table":
      return [...block.head, ...block.body]
        .flat()
        .flatMap((cell) => cell.blocks.map(blockText))
        .join(" ");
  }
};
const allText = (narrative: string): string => blocks(narrative).map(blockText).join(" ");

describe("the narrative of a clinical document", () => {
  test("keeps paragraphs, lists, tables, styles and breaks", () => {
    expect(
      blocks('<paragraph><caption>C</caption>a <content styleCode="Bold">b</content><br/><sub>2</sub></paragraph>'),
    ).toEqual([
      {
        kind: "paragraph",
        caption: "C",
        inside: ["a ", { mark: "bold", inside: ["b"] }, { mark: "break" }, { mark: "sub", inside: ["2"] }],
      },
    ]);
    expect(blocks('<list listType="ordered"><item>a</item><item><paragraph>b</paragraph></item></list>')).toMatchObject(
      [{ kind: "list", isOrdered: true, items: [[{ inside: ["a"] }], [{ inside: ["b"] }]] }],
    );
    expect(
      blocks('<table><thead><tr><th>h</th></tr></thead><tbody><tr><td colspan="2">d</td></tr></tbody></table>'),
    ).toMatchObject([{ kind: "table", head: [[{ isHeading: true }]], body: [[{ isHeading: false, columns: 2 }]] }]);
  });

  test("shows where a link leads as text, and nothing for one within", () => {
    expect(allText('<linkHtml href="javascript:alert(1)">press</linkHtml>')).toContain("press (javascript:alert(1))");
    expect(allText('<linkHtml href="#r1">above</linkHtml>')).not.toContain("#r1");
  });

  test.each([
    ["a script", "<script>alert(1)</script>", "alert(1)"],
    ["a frame", '<iframe src="https://elsewhere.example">words</iframe>', "words"],
    ["a picture", '<renderMultiMedia referencedObject="m"/>words', "words"],
    ["handlers", '<paragraph onclick="alert(1)" style="x">words</paragraph>', "words"],
  ])("has only the text of %s", (_, narrative, text) => {
    expect(JSON.stringify(blocks(narrative))).toContain(text);
    expect(JSON.stringify(blocks(narrative))).not.toMatch(/onclick|elsewhere|script"/u);
  });

  test.each(["0", "-1", "1e9", "999999", "x"])("spans %s columns as one", (written) => {
    expect(blocks(`<table><tr><td colspan="${written}">d</td></tr></table>`)).toMatchObject([
      { body: [[{ columns: 1 }]] },
    ]);
  });

  test("ends below the deepest level that people write", () => {
    const deep = "<content>".repeat(150) + "x" + "</content>".repeat(150);
    expect(allText(deep)).toBe("");
  });

  test("is looked for in clinical documents of the standard's namespace alone", () => {
    expect(readClinicalDocument(readXml("<ClinicalDocument/>"))).toBeNull();
    expect(readClinicalDocument(readXml('<Bundle xmlns="urn:hl7-org:v3"/>'))).toBeNull();
  });

  test("is missing where a document carries another file", () => {
    const root =
      '<ClinicalDocument xmlns="urn:hl7-org:v3"><component><nonXMLBody><text>JVBERi0=</text></nonXMLBody></component></ClinicalDocument>';
    expect(readClinicalDocument(readXml(root))).toMatchObject({ isWrapped: true, sections: [] });
  });
});

const folder = sharedData();
const samples = folder === null ? [] : readdirSync(join(folder, "c-cda")).filter((name) => name.endsWith(".xml"));

describe.skipIf(samples.length === 0)("published C-CDA samples (skipped without the shared test data)", () => {
  test.each(samples)("%s shows each section with its words", (name) => {
    const text = readFileSync(join(folder ?? "", "c-cda", name), "utf8");
    const read = readClinicalDocument(readXml(text));
    const titles = [
      ...text.replaceAll(/<!--[\s\S]*?-->/gu, "").matchAll(/<section\b[\s\S]*?<title>([^<]*)<\/title>/gu),
    ].map(([, title = ""]) => title.replaceAll(/\s+/gu, " ").trim());
    const sections = (list: readonly Section[]): Section[] =>
      list.flatMap((section) => [section, ...sections(section.sections)]);
    const all = sections(read?.sections ?? []);
    expect(titles.length).toBeGreaterThan(3);
    expect(all.map(({ title }) => title)).toEqual(titles.map((title) => title.replaceAll("&amp;", "&")));
    expect(read?.facts.map(([fact]) => fact)).toEqual(expect.arrayContaining(["patient", "birth", "date"]));
    const words = all.map(({ blocks: list }) => list.map(blockText).join(" ")).join(" ");
    expect(words.length).toBeGreaterThan(500);
  });
});
