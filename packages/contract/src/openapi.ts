/**
 * The HTTP API as an OpenAPI 3.1 document, made from the same table and schemas that the server and the typed client
 * use, so it cannot say anything else. Schemas show the wire: what a request may hold before it is parsed. Checks that
 * JSON Schema cannot express (the one spelling of an id or of base64url) stand in descriptions.
 */
import { z } from "zod";
import * as messages from "./messages.ts";
import { API_BASE, type Auth, type Route } from "./route.ts";
import { type RouteName, routes } from "./routes.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  /** Path under {@link API_BASE}, then method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>;
    readonly securitySchemes: Readonly<Record<string, JsonObject>>;
  };
}

interface Operation {
  readonly operationId: RouteName;
  readonly summary: string;
  /** Empty where anybody may call. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  readonly responses: Readonly<Record<string, JsonObject>>;
}

const DESCRIPTION = `Errors are problem documents (RFC 9457) with a stable \`code\`. Bytes travel as base64url without padding, times as \
milliseconds since 1970-01-01T00:00Z. Ciphertext does not pass through these routes: it goes to and comes from the short-lived \
signed URLs that \`partTargets\`, \`release\` and \`blobTarget\` answer with.`;

const SECURITY_SCHEMES = {
  session: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-safeconduct",
    description: "Portal session of a member. Changes must come from the portal's own origin.",
  },
  token: { type: "http", scheme: "bearer", description: "API token of a member: sct_ and 43 characters." },
  verification: {
    type: "http",
    scheme: "bearer",
    description: "Verification session of one grant, from `confirm`: scv_ and 43 characters.",
  },
} as const;

/** One of the alternatives is enough. */
const SECURITY: Readonly<Record<Auth, Operation["security"]>> = {
  none: [],
  member: [{ session: [] }, { token: [] }],
  recipient: [{ verification: [] }],
};

/** Query parameters; every one may be left out. */
const QUERIES: { readonly [Name in RouteName]?: Readonly<Record<string, string>> } = {
  listTransfers: { after: "Id of the last transfer of the page before: `next` of its answer" },
  mailbox: { to: "Only messages to this address" },
};

export function openApiDocument(): OpenApiDocument {
  const names = schemaNames();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route, names) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Safeconduct",
      version: "1",
      description: DESCRIPTION,
      license: { name: "GNU AGPL 3.0 or later", identifier: "AGPL-3.0-or-later" },
    },
    servers: [{ url: API_BASE }],
    paths,
    components: {
      schemas: Object.fromEntries([...names].map(([schema, schemaName]) => [schemaName, jsonSchema(schema)])),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** The messages that routes speak of, under the names that the features export them by, with a capital. */
function schemaNames(): ReadonlyMap<z.ZodType, string> {
  const used = new Set<unknown>([messages.problemAnswer]);
  for (const { request, answer } of Object.values(routes) as Route[]) used.add(request).add(answer);
  const named = Object.entries(messages).filter(([, value]) => used.has(value));
  return new Map(named.map(([name, value]) => [value as z.ZodType, name.charAt(0).toUpperCase() + name.slice(1)]));
}

function jsonSchema(schema: z.ZodType): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" });
  return rest as JsonObject;
}

function operation(name: RouteName, route: Route, names: ReadonlyMap<z.ZodType, string>): Operation {
  const { summary, auth, request, answer, streams, status = 200 } = route;
  const content = (schema: z.ZodType, mediaType = "application/json"): JsonObject => {
    const schemaName = names.get(schema);
    if (schemaName === undefined)
      throw new Error(`a schema of the route ${name} is not exported by messages.ts of a feature`);
    return { [mediaType]: { schema: { $ref: `#/components/schemas/${schemaName}` } } };
  };
  const streamed = Object.fromEntries((streams ?? []).map((mediaType) => [mediaType, { schema: { type: "string" } }]));
  const success: Operation["responses"] =
    streams !== undefined
      ? { "200": { description: "Done", content: streamed } }
      : answer === undefined
        ? { "204": { description: "Done" } }
        : { [status]: { description: "Done", content: content(answer) } };
  return {
    operationId: name,
    summary,
    security: SECURITY[auth],
    parameters: [...pathParameters(route.path), ...queryParameters(QUERIES[name] ?? {})],
    ...(request === undefined ? {} : { requestBody: { required: true, content: content(request) } }),
    responses: {
      ...success,
      default: { description: "A problem", content: content(messages.problemAnswer, "application/problem+json") },
    },
  };
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/gu)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: `Id of the ${name}`,
    schema: { type: "string" },
  }));
}

function queryParameters(query: Readonly<Record<string, string>>): JsonObject[] {
  return Object.entries(query).map(([name, description]) => ({
    name,
    in: "query",
    required: false,
    description,
    schema: { type: "string" },
  }));
}
