import { utf8Text } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  canonicalJsonBytes,
  JSON_DEPTH_LIMIT,
  type JsonValue,
  parseCanonicalJson,
} from "./canonical-json.ts";

const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);

describe("canonical JSON", () => {
  it("sorts members by UTF-16 code units, as the example of RFC 8785 §3.2.3 does", () => {
    const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    const expected = '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}';
    expect(canonicalJson(value)).toBe(expected);
  });

  it("escapes strings as RFC 8785 §3.2.2.2 does", () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\"/\u007f')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/\u007f"');
  });

  it("writes literals, integers up to 2^53 − 1 and empty containers", () => {
    expect(canonicalJson([null, true, false, 0, -0, -7, Number.MAX_SAFE_INTEGER, [], {}])).toBe(
      "[null,true,false,0,0,-7,9007199254740991,[],{}]",
    );
  });

  it.each([
    ["a fraction", 0.5],
    ["2^53", 2 ** 53],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["a lone surrogate", "\ud800"],
    ["a lone surrogate in a name", { "\udc00": 1 }],
    ["one level too many", nested(JSON_DEPTH_LIMIT + 1)],
  ])("refuses %s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow(RangeError);
  });

  it("takes nesting up to its limit", () => {
    expect(parseCanonicalJson(canonicalJson(nested(JSON_DEPTH_LIMIT - 1)))).toEqual(nested(JSON_DEPTH_LIMIT - 1));
    expect(parseCanonicalJson(canonicalJson(nested(JSON_DEPTH_LIMIT)))).toEqual(nested(JSON_DEPTH_LIMIT));
  });

  it.each([
    ['{"b":1,"a":2}', "unsorted"],
    ['{"a":1,"a":2}', "a member twice"],
    ['{"a": 1}', "a space"],
    ["[1]\n", "a newline after it"],
    ["\ufeff[1]", "a byte order mark"],
    ['"\\u0041"', "a needless escape"],
    ['"\\/"', "an escaped slash"],
    ["1.0", "a fraction of zero"],
    ["1e2", "an exponent"],
    ["-0", "minus zero"],
    ["01", "a leading zero"],
    ["", "nothing"],
    ["[1,]", "a trailing comma"],
    ["{'a':1}", "other quotes"],
    ["undefined", "no JSON"],
    ["[".repeat(200_000), "a bomb of brackets"],
    [`${"[".repeat(5000)}${"]".repeat(5000)}`, "deep but whole"],
  ])("does not parse %j (%s)", (text) => {
    expect(parseCanonicalJson(text)).toBeUndefined();
  });

  it("keeps __proto__ a plain member", () => {
    const text = '{"__proto__":{"a":1}}';
    const value = parseCanonicalJson(text) as JsonValue;
    expect(canonicalJson(value)).toBe(text);
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  });

  it("has one text for each value, and the text comes back", () => {
    const integers = fc.maxSafeInteger();
    const strings = fc.string({ unit: "binary", maxLength: 8 }).filter((text) => text.isWellFormed());
    const { value: values } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, depthSize: "small" },
        fc.constantFrom(null, true, false),
        integers,
        strings,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(strings, tie("value"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(values, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseCanonicalJson(text) as JsonValue)).toBe(text);
        expect(utf8Text(canonicalJsonBytes(value))).toBe(text);
      }),
    );
  });
});
