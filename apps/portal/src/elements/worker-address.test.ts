import { describe, expect, test } from "vitest";
import { workerAddress } from "./worker-address.ts";

describe("the address of a worker", () => {
  test.each(["/assets/passcode-worker-SfkEuxzo.js", "/reading/worker.js", "/saving/worker.js"])(
    "%s is ours",
    (address) => {
      expect(workerAddress(address)).toBe(address);
    },
  );

  test.each([
    "https://elsewhere.example/assets/passcode-worker-SfkEuxzo.js",
    "//elsewhere.example/assets/passcode-worker-SfkEuxzo.js",
    "/assets/../blobs/passcode-worker-SfkEuxzo.js",
    "/assets/receive-BXTE8g7j.js",
    "/assets/passcode-worker-a.js?x=//elsewhere.example",
    "/saving/worker.js\n",
    "/blobs/worker.js",
    "data:text/javascript,1",
    "",
  ])("%j is not", (address) => {
    expect(() => workerAddress(address)).toThrow(TypeError);
  });
});
