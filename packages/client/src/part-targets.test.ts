import { aTransferId } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { PartTargets } from "./part-targets.ts";
import type { ClientPorts } from "./ports.ts";

const MEBIBYTE = 2 ** 20;
const TRANSFER = aTransferId();
const { signal } = new AbortController();

function scene(
  count: number,
  sizeBytes: number,
  answers: (numbers: readonly number[]) => readonly number[] = (all) => all,
) {
  const asked: number[][] = [];
  const ports = {
    api: {
      call: async (_: string, { body }: { body: { parts: { number: number }[] } }) => {
        const numbers = body.parts.map(({ number }) => number);
        asked.push(numbers);
        return { targets: answers(numbers).map((number) => ({ number, url: `${asked.length}` })) };
      },
    },
  } as unknown as ClientPorts;
  const parts = Array.from({ length: count }, (_, position) => ({ number: position + 1, sizeBytes }));
  return { asked, targets: new PartTargets(ports, TRANSFER, parts) };
}

describe("places for parts", () => {
  it("are asked for 64 MiB at a time, up to the last part", async () => {
    const { asked, targets } = scene(10, 8 * MEBIBYTE);
    for (let number = 1; number <= 10; number++) await targets.take(number, signal);
    expect(asked).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10],
    ]);
  });

  it("are asked for one by one where a part is larger than that", async () => {
    const { asked, targets } = scene(3, 105 * MEBIBYTE);
    for (let number = 1; number <= 3; number++) await targets.take(number, signal);
    expect(asked).toEqual([[1], [2], [3]]);
  });

  it("are given once: a part that is put again gets a fresh one", async () => {
    const { targets } = scene(3, MEBIBYTE);
    expect((await targets.take(2, signal)).url).toBe("1");
    expect((await targets.take(2, signal)).url).toBe("2");
  });

  it("are not made up where the server names other parts", async () => {
    const { targets } = scene(3, MEBIBYTE, (numbers) => numbers.map((number) => number + 10));
    await expect(targets.take(1, signal)).rejects.toMatchObject({ code: "client/damaged-transfer" });
  });
});
