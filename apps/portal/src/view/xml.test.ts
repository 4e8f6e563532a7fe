import { describe, expect, test } from "vitest";
import { NotATree, TREE_DEPTH_LIMIT, treeOrNull } from "./tree.ts";
import { childElements, readXml, textOf, xmlTree } from "./xml.ts";

describe("XML to look at", () => {
  test("is read with its text, marked sections, comments and references", () => {
    const root = readXml(
      `\ufeff<?xml version="1.0"?><!-- -- not > quite --><a:b xmlns:a="urn:x" k='1 &amp; 2'> x &lt;y&gt; <![CDATA[<z>&amp;]]><!-- c --> &#233;&#x41;<c/></a:b>\n`,
    );
    expect([root.name, root.writtenName, root.namespace, root.attributes.get("k")]).toEqual([
      "b",
      "a:b",
      "urn:x",
      "1 & 2",
    ]);
    expect(textOf(root)).toBe("x <y> <z>&amp; éA");
    expect(childElements(root, "c")).toHaveLength(1);
  });

  test("resolves a namespace where it is declared and not beside", () => {
    const [inner, beside] = childElements(readXml('<a xmlns="urn:1"><b xmlns="urn:2"><c/></b><d/></a>'));
    expect([inner?.namespace, inner && childElements(inner)[0]?.namespace, beside?.namespace]).toEqual([
      "urn:2",
      "urn:2",
      "urn:1",
    ]);
  });

  test.each([
    ["a document type with entities", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["a document type from elsewhere", '<!DOCTYPE a SYSTEM "https://elsewhere.example/a.dtd"><a/>'],
    ["tags that do not match", "<a><b></a></b>"],
    ["an open end", "<a><b></b>"],
    ["two roots", "<a/><b/>"],
    ["text beside the root", "<a/>b"],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["an attribute without quotation marks", "<a b=1/>"],
    ["an open comment", "<a><!-- </a>"],
    ["an open section", "<a><![CDATA[ </a>"],
    ["nothing", ""],
    ["no XML", "{}"],
  ])("is refused with %s", (_, text) => {
    expect(() => readXml(text)).toThrow(NotATree);
  });

  test("an entity that nobody declared stays as it is written; a reference to no character is seen", () => {
    expect(textOf(readXml("<a>&nbsp;&constructor;&#x110000;&#0;</a>"))).toBe("&nbsp;&constructor;\ufffd\ufffd");
  });

  test("is refused one level above the limit", () => {
    const nested = (levels: number): string => "<a>".repeat(levels) + "</a>".repeat(levels);
    expect(treeOrNull(() => readXml(nested(TREE_DEPTH_LIMIT)))).not.toBeNull();
    expect(treeOrNull(() => readXml(nested(TREE_DEPTH_LIMIT + 1)))).toBeNull();
  });

  test("does not stand still over megabytes of almost anything", () => {
    const repeated = 400_000;
    for (const text of [
      `<a ${"b ".repeat(repeated)}`,
      `<a${' b="c"'.repeat(repeated)}`,
      `<a>${"]]]>".repeat(repeated)}</a>`,
      `<a><![CDATA[${"]]".repeat(repeated)}`,
      `<${"a".repeat(repeated)}`,
      `<a>${"&#".repeat(repeated)}</a>`,
    ]) {
      expect(treeOrNull(() => readXml(text))?.name).toBe(text.endsWith("</a>") ? "a" : undefined);
    }
  });

  test("becomes a tree with attributes and text", () => {
    expect(xmlTree(readXml('<a k="v"> <b>text</b> <c/> </a>'))).toEqual({
      label: "a",
      value: 'k="v"',
      kind: "group",
      children: [
        { label: "b", value: "text", kind: "leaf", children: [] },
        { label: "c", value: "", kind: "leaf", children: [] },
      ],
    });
  });
});
