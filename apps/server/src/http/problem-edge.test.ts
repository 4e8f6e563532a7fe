/** What a person reads when server and key service do not agree, and what the operator reads. */
import { keysProblem, type KeysProblemCode } from "@safeconduct/keyring";
import fastify from "fastify";
import { describe, expect, it } from "vitest";
import { installProblemEdge } from "./problem-edge.ts";

async function answerTo(code: KeysProblemCode) {
  const logged: unknown[] = [];
  const app = fastify({ logger: false });
  installProblemEdge(app, (event) => logged.push(event));
  app.post("/release", () => Promise.reject(keysProblem(code)));
  const answer = await app.inject({ method: "POST", url: "/release" });
  await app.close();
  return { status: answer.statusCode, retryAfter: answer.headers["retry-after"], told: answer.json<object>(), logged };
}

describe("a quarrel between server and key service", () => {
  it.each(["keys/bad-authorisation", "keys/ledger-not-shown"] as const)(
    "%s is an outage to whoever asked, and stands in the log by its name",
    async (code) => {
      const { status, retryAfter, told, logged } = await answerTo(code);
      expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: "2" });
      expect(told).toEqual({
        type: "urn:safeconduct:problem:keys/unavailable",
        title: "The key service cannot answer now. Try again in a moment.",
        status: 503,
        code: "keys/unavailable",
        retryAfterSeconds: 2,
      });
      expect(logged).toEqual([{ event: "http/refused", route: "/release", method: "POST", status: 503, code }]);
    },
  );

  it("is not what a ledger that was rolled back looks like: trying again would not help", async () => {
    const { status, told } = await answerTo("keys/ledger-rolled-back");
    expect({ status, ...told }).toMatchObject({ status: 503, code: "keys/ledger-rolled-back" });
    expect(told).not.toHaveProperty("retryAfterSeconds");
  });
});
