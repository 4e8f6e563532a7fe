import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openApiDocument } from "./openapi.ts";
import type { Route } from "./route.ts";
import { type RouteName, routes } from "./routes.ts";

const document = openApiDocument();
const table = Object.entries(routes) as [RouteName, Route][];
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

/** The part of OpenAPI 3.1.1 (§4.8) that the document uses, with every field that is not in it refused. */
const reference = z.strictObject({ $ref: z.string().startsWith("#/components/schemas/") });
const content = z.partialRecord(
  z.enum(["application/json", "application/problem+json"]),
  z.strictObject({ schema: reference }),
);
const streamed = z.partialRecord(
  z.enum(["application/json", "text/csv"]),
  z.strictObject({ schema: z.strictObject({ type: z.literal("string") }) }),
);
const parameter = z.strictObject({
  name: z.string().min(1),
  in: z.enum(["path", "query"]),
  required: z.boolean(),
  description: z.string().min(1),
  schema: z.strictObject({ type: z.literal("string") }),
});
const operation = z.strictObject({
  operationId: z.string().min(1),
  summary: z.string().min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z.record(
    z.string().regex(/^(?:[1-5][0-9]{2}|default)$/),
    z.strictObject({ description: z.string().min(1), content: z.union([content, streamed]).optional() }),
  ),
});
const securityScheme = z.union([
  z.strictObject({ type: z.literal("apiKey"), in: z.literal("cookie"), name: z.string(), description: z.string() }),
  z.strictObject({ type: z.literal("http"), scheme: z.literal("bearer"), description: z.string() }),
]);
const openApi = z.strictObject({
  openapi: z.string().regex(/^3\.1\.[0-9]+$/),
  info: z.strictObject({
    title: z.string().min(1),
    version: z.string().min(1),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })).min(1),
  paths: z.record(z.string().startsWith("/"), z.partialRecord(z.enum(["get", "post", "delete"]), operation)),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), z.looseObject({ type: z.literal("object") })),
    securitySchemes: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), securityScheme),
  }),
});

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1 in every field that it has", () => {
    expect(openApi.safeParse(document).error?.issues).toBeUndefined();
  });

  it("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it("has every route of the table, and nothing else", () => {
    const places = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
    );
    expect(places.sort()).toEqual(table.map(([name, { method, path }]) => `${name} ${method} ${path}`).sort());
  });

  it("leads with every reference to a schema, and keeps none that nothing refers to", () => {
    const used = new Set(
      [...JSON.stringify(document.paths).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name = ""]) => name),
    );
    expect([...used].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it("declares the security schemes that it demands", () => {
    const demanded = new Set(operations.flatMap(({ security }) => security.flatMap((one) => Object.keys(one))));
    expect([...demanded].sort()).toEqual(Object.keys(document.components.securitySchemes).sort());
  });
});

describe.each(table)("the operation %s", (name, route) => {
  const found = document.paths[route.path]?.[route.method.toLowerCase()];

  it("declares each parameter of its path once", () => {
    const declared = found?.parameters.filter((one) => one["in"] === "path").map((one) => one["name"]);
    expect(declared).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameterName]) => parameterName));
  });

  it("has a body exactly when the route takes one, and answers with the route's status", () => {
    expect(found?.operationId).toBe(name);
    expect(found?.requestBody === undefined).toBe(route.request === undefined);
    const status = route.answer === undefined && route.streams === undefined ? 204 : (route.status ?? 200);
    expect(Object.keys(found?.responses ?? {}).sort()).toEqual([String(status), "default"]);
  });

  it("is open to those whom the route lets in", () => {
    const count = { none: 0, member: 2, recipient: 1 }[route.auth];
    expect(found?.security).toHaveLength(count);
  });
});

describe("a request schema", () => {
  const signIn = z.fromJSONSchema(document.components.schemas["SignInRequest"] as never);
  const body = { address: "ana@clinic.example", password: "a heron waits by the harbour", code: "123456" };

  it("takes what the server takes", () => {
    expect(signIn.safeParse(body).success).toBe(true);
  });

  it.each([
    ["a field too many", { ...body, remember: true }],
    ["a field too few", { address: body.address, password: body.password }],
    ["a number in place of a text", { ...body, code: 123_456 }],
    ["a text over its limit", { ...body, code: "1".repeat(21) }],
  ])("refuses %s", (_what, wrong) => {
    expect(signIn.safeParse(wrong).success).toBe(false);
  });
});
