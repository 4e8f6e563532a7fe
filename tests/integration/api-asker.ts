/** Asking the HTTP interface byte by byte, and what every refusal of it looks like. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { expect } from "vitest";

/** Stands in every bad request; no answer may hold it. */
export const MARKER = "Zq7-marker-of-this-test";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Exactly these bytes on the wire: fetch would set headers of its own and mend paths. */
export const wireAsk =
  (port: () => number) =>
  (
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: string | Uint8Array } = {},
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          host: "localhost",
          port: port(),
          method,
          path,
          headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) },
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString("latin1"),
            }),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });

export function expectProblem({ status, headers, text }: Answer, expected: { status: number; code: string }): void {
  expect(text).not.toContain(MARKER);
  expect(headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({
    status: expected.status,
    code: expected.code,
    type: `urn:safeconduct:problem:${expected.code}`,
  });
  expect(status).toBe(expected.status);
  expect(String(problem["title"]).length).toBeGreaterThan(20);
}
