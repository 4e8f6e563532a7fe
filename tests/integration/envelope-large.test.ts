/** A large file needs no large memory: measured in a process of its own, so that nothing else is counted. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const SIZE_BYTES = 2 ** 31;
const MEMORY_LIMIT_BYTES = 250 * 10 ** 6;

describe("a random file of 2 GiB", () => {
  it("is packed and opened byte by byte in less than 250 MB of memory", async () => {
    const program = join(import.meta.dirname, "envelope-large.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [program, String(SIZE_BYTES)]);
    const result = JSON.parse(stdout) as { same: boolean; parts: number; largestRssBytes: number };
    expect(result.same).toBe(true);
    expect(result.parts).toBeGreaterThan(200);
    expect(result.largestRssBytes).toBeLessThan(MEMORY_LIMIT_BYTES);
  });
});
