import { nodeCrypto } from "@safeconduct/crypto-node";
import { known } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { COSIGNATURE_KEY, ED25519_KEY, formatVerifierKey, makeVerifierKey, type NoteKeyType } from "./note-keys.ts";
import {
  meetsQuorum,
  parsePolicy,
  POLICY_LIMIT_CHARACTERS,
  POLICY_LIMIT_ITEMS,
  policyOfAll,
} from "./witness-policy.ts";

const { sha256 } = nodeCrypto();
const keyOf = (name: string, fill: number, type: NoteKeyType = COSIGNATURE_KEY) =>
  makeVerifierKey(sha256, { name, type, publicKey: new Uint8Array(32).fill(fill) });
const keys = Array.from({ length: 40 }, (_, i) => keyOf(`w${i}.example`, i + 1));
const vkey = (i: number) => formatVerifierKey(known(keys[i]));
const LOG = formatVerifierKey(keyOf("clinic.example/ledger", 99, ED25519_KEY));
const read = (...lines: string[]) => parsePolicy(sha256, lines.join("\n"));
const meets = (text: string[], ...signed: number[]) =>
  meetsQuorum(
    read(...text),
    signed.map((i) => ({ key: keyOf(`w${i}.example`, i + 1), timestamp: 1 })),
  );

describe("a witness policy", () => {
  const nested = [
    "# two organisations",
    `log ${LOG} https://clinic.example/ledger/`,
    "",
    `  witness X1\t${vkey(0)} https://x1.example/`,
    `witness X2 ${vkey(1)}`,
    `witness X3 ${vkey(2)}`,
    "group X 2 X1 X2 X3",
    `witness Y1 ${vkey(3)}`,
    `witness Y2 ${vkey(4)}`,
    "group Y any Y1 Y2",
    "group both all X Y",
    "quorum both",
    "",
  ];

  it("demands groups of groups", () => {
    expect(meets(nested, 0, 1, 3)).toBe(true);
    expect(meets(nested, 1, 2, 4)).toBe(true);
    expect(meets(nested, 0, 1, 2)).toBe(false);
    expect(meets(nested, 0, 3, 4)).toBe(false);
    expect(meets(nested)).toBe(false);
    expect(read(...nested)).toMatchObject({ logs: [{ name: "clinic.example/ledger" }] });
    expect(read(...nested).witnesses.map(({ url }) => url)).toEqual(["https://x1.example/", null, null, null, null]);
  });

  it("demands one witness, or none", () => {
    expect(meets([`witness A ${vkey(0)}`, "quorum A"], 0)).toBe(true);
    expect(meets([`witness A ${vkey(0)}`, "quorum A"], 1)).toBe(false);
    expect(meets(["quorum none"])).toBe(true);
  });

  it("of given keys demands each of them", () => {
    const policy = policyOfAll(keys.slice(0, 2));
    const signed = keys.slice(0, 3).map((key) => ({ key, timestamp: 1 }));
    expect(meetsQuorum(policy, signed)).toBe(true);
    expect(meetsQuorum(policy, signed.slice(0, 1))).toBe(false);
    expect(meetsQuorum(policyOfAll([]), [])).toBe(true);
  });

  it.each<[string, string[]]>([
    ["nothing", []],
    ["no quorum", [`witness A ${vkey(0)}`]],
    ["two quorums", ["quorum none", "quorum none"]],
    ["an unknown quorum", ["quorum A"]],
    ["a quorum before its witness", ["quorum A", `witness A ${vkey(0)}`]],
    ["a word behind the quorum", ["quorum none none"]],
    ["an unknown line", ["mirror A", "quorum none"]],
    ["a damaged key", [`witness A ${vkey(0).replace("w0", "w9")}`, "quorum A"]],
    ["a log's key for a witness", [`witness A ${LOG}`, "quorum A"]],
    ["a witness's key for a log", [`log ${vkey(0)}`, "quorum none"]],
    ["the same log twice", [`log ${LOG}`, `log ${LOG}`, "quorum none"]],
    ["the same key under two names", [`witness A ${vkey(0)}`, `witness B ${vkey(0)}`, "quorum A"]],
    ["one name for two witnesses", [`witness A ${vkey(0)}`, `witness A ${vkey(1)}`, "quorum A"]],
    ["a witness named none", [`witness none ${vkey(0)}`, "quorum none"]],
    ["a group of nobody", [`witness A ${vkey(0)}`, "group G all", "quorum G"]],
    ["a group of somebody unknown", [`witness A ${vkey(0)}`, "group G all A B", "quorum G"]],
    ["a group that names itself", [`witness A ${vkey(0)}`, "group G all A G", "quorum G"]],
    ["a member twice", [`witness A ${vkey(0)}`, "group G all A A", "quorum G"]],
    ["a member of two groups", [`witness A ${vkey(0)}`, "group G all A", "group H all A", "quorum G"]],
    ["a threshold of zero", [`witness A ${vkey(0)}`, "group G 0 A", "quorum G"]],
    ["a threshold above its members", [`witness A ${vkey(0)}`, "group G 2 A", "quorum G"]],
    ["a threshold in words", [`witness A ${vkey(0)}`, "group G most A", "quorum G"]],
    ["a carriage return", ["quorum none\r"]],
    ["a word too many for a witness", [`witness A ${vkey(0)} https://a.example/ x`, "quorum A"]],
  ])("is refused with %s", (_, lines) => {
    expect(() => read(...lines)).toThrow(expect.objectContaining({ code: "ledger/policy-malformed" }));
  });

  it("is read up to its limits", () => {
    const many = (count: number) => [...keys.slice(0, count).map((_, i) => `witness A${i} ${vkey(i)}`), "quorum A0"];
    expect(read(...many(POLICY_LIMIT_ITEMS)).witnesses).toHaveLength(POLICY_LIMIT_ITEMS);
    expect(() => read(...many(POLICY_LIMIT_ITEMS + 1))).toThrow("not a witness policy");
    const long = (length: number) => `quorum none\n#${"x".repeat(length - "quorum none\n#".length)}`;
    expect(read(long(POLICY_LIMIT_CHARACTERS)).quorum).toBeNull();
    expect(() => read(long(POLICY_LIMIT_CHARACTERS + 1))).toThrow("not a witness policy");
  });
});
