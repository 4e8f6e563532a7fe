import { expect, it } from "vitest";
import { UploadGate } from "./upload-gate.ts";

const answers = (...statuses: number[]) => {
  const asked: string[] = [];
  const send = (async (input: string) => {
    asked.push(input);
    return new Response(null, { status: statuses.shift() ?? 200 });
  }) as typeof fetch;
  return { asked, send };
};

it("a paused upload asks nothing until it goes on", async () => {
  const gate = new UploadGate();
  const { asked, send } = answers();
  gate.close("paused");
  const answer = gate.guard(send, () => undefined)("a");
  await Promise.resolve();
  expect(asked).toEqual([]);
  gate.open("paused");
  expect((await answer).status).toBe(200);
});

it("a session that ends holds it, and the same request goes again when somebody signs in", async () => {
  const gate = new UploadGate();
  const { asked, send } = answers(401);
  const answer = gate.guard(send, () => queueMicrotask(() => gate.open("signed-out")))("a");
  expect((await answer).status).toBe(200);
  expect(asked).toEqual(["a", "a"]);
});

it("signing in does not end a pause", async () => {
  const gate = new UploadGate();
  gate.close("paused");
  gate.close("signed-out");
  let passed = false;
  const passing = gate.pass().then(() => {
    passed = true;
  });
  gate.open("signed-out");
  await new Promise(setImmediate);
  expect(passed).toBe(false);
  gate.open("paused");
  await passing;
});

it("what is cancelled is held by nothing, and hears a refusal as it is", async () => {
  const gate = new UploadGate();
  gate.close("paused");
  gate.free();
  gate.close("paused");
  const { send } = answers(401);
  expect((await gate.guard(send, () => undefined)("a")).status).toBe(401);
});

it("a request that was aborted while it waited is not sent", async () => {
  const gate = new UploadGate();
  const { asked, send } = answers();
  const abort = new AbortController();
  gate.close("paused");
  const answer = gate.guard(send, () => undefined)("a", { signal: abort.signal });
  abort.abort();
  gate.open("paused");
  await expect(answer).rejects.toThrow("aborted");
  expect(asked).toEqual([]);
});
