import { expect, test } from "vitest";
import { row } from "./row.ts";

test("names become column names and absent fields stay absent", () => {
  const bytes = new Uint8Array(3);
  const fields: { id: string; sha256: Uint8Array; hpkePublicKey: Uint8Array; usedAt: number | null; name?: string } = {
    id: "x",
    sha256: bytes,
    hpkePublicKey: bytes,
    usedAt: null,
  };
  expect(row(fields)).toEqual({ id: "x", sha256: bytes, hpke_public_key: bytes, used_at: null });
});

test.each([undefined, true, 1n, new Date(0), {}, [], Symbol("s")])("%p is no value of a column", (value) => {
  expect(() => row({ value })).toThrow(RangeError);
});

test("what is refused is not repeated in the message", () => {
  expect(() => row({ address: "ines\0@clinic.example" })).toThrow("address cannot be stored as it is");
});
