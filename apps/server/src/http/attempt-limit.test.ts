import { expect, test } from "vitest";
import { AttemptLimit } from "./attempt-limit.ts";

const tries = (limit: AttemptLimit, count: number, now = 0, client = "127.0.0.1") => {
  for (let attempt = 0; attempt < count; attempt++) limit.count("confirm", client, now);
};

test("a client may try 120 times a minute and not once more", () => {
  const limit = new AttemptLimit();
  tries(limit, 120);
  expect(() => limit.count("confirm", "127.0.0.1", 59_999)).toThrow("Too many requests");
  expect(() => limit.count("confirm", "127.0.0.1", 60_000)).not.toThrow();
});

test("other clients, other routes and free routes are not touched", () => {
  const limit = new AttemptLimit();
  tries(limit, 120);
  expect(() => limit.count("confirm", "127.0.0.2", 0)).not.toThrow();
  expect(() => limit.count("signIn", "127.0.0.1", 0)).not.toThrow();
  for (let attempt = 0; attempt < 1000; attempt++) limit.count("invitation", "127.0.0.1", 0);
});

test("a flood of addresses does not free the client that is still trying", () => {
  const limit = new AttemptLimit();
  tries(limit, 120);
  for (let client = 0; client < 9_999; client++) limit.count("confirm", `client-${client}`, 1);
  expect(() => limit.count("confirm", "127.0.0.1", 2)).toThrow("Too many requests");
});
