/** A member's passkey over HTTP, by whoever has no browser that behaves: other origins, other cookies, answers given twice, odd sizes. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { API_BASE } from "@safeconduct/contract";
import { base64UrlBytes, base64UrlText, type Bytes } from "@safeconduct/foundation";
import {
  authenticatorCode,
  known,
  removeFolder,
  type RunningInstance,
  SoftwarePasskey,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ADDRESS = "m.okafor@riverside.example";
const NAME = "Blue key of ward 3";
const REFUSED = "sign-in/passkey-refused";

let root: string;
let instance: RunningInstance;
let origin: string;
let session: string;
let passkey: SoftwarePasskey;
let userHandle: string;

beforeAll(async () => {
  root = await temporaryFolder();
  instance = await startInstance({ home: join(root, "home") });
  origin = new URL(instance.portal).origin;
  const setupToken = new URL(instance.setup ?? "").hash.replace("#token=", "");
  const who = { organisation: { name: "Riverside Clinic" }, member: { name: "M. Okafor", address: ADDRESS } };
  const enrolled = await post("/setup/enrolment", { body: { setupToken, ...who, password: TEST_PASSWORD } });
  const { secret } = (await enrolled.json()) as { secret: string };
  const code = authenticatorCode(secret, Date.now());
  session = cookieIn(await post("/setup/completion", { body: { setupToken, code } }), "__Host-safeconduct");
  passkey = new SoftwarePasskey({ origin, rpId: "localhost" });
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

type Asked = { cookie?: string; body?: unknown; from?: string | null };
const post = (path: string, { cookie, body, from = origin }: Asked = {}) =>
  fetch(`${origin}${API_BASE}${path}`, {
    method: "POST",
    headers: {
      ...(from === null ? {} : { origin: from }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const cookieIn = (response: Response, name: string): string =>
  known(response.headers.getSetCookie().find((each) => each.startsWith(`${name}=`))).split(";")[0] ?? "";
const outcome = async (response: Response) =>
  response.ok ? "done" : ((await response.json()) as { code: string }).code;
const bytes = (text: string): Bytes => known(base64UrlBytes(text));
const texts = (given: object) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, base64UrlText(value as Bytes)]));

async function begin(): Promise<Record<"challenge" | "userHandle", string>> {
  return (await (await post("/me/passkeys/enrolment", { cookie: session })).json()) as never;
}
/** A question, and the cookie of the browser that asked. */
async function question(): Promise<{ cookie: string; challenge: Bytes; response: Response }> {
  const response = await post("/sessions/passkey/challenge");
  const { challenge } = (await response.clone().json()) as { challenge: string };
  return { cookie: cookieIn(response, "__Host-safeconduct-question"), challenge: bytes(challenge), response };
}
const answer = (challenge: Bytes) => ({ ...texts(passkey.assert(challenge)), userHandle });

describe("adding one", () => {
  const add = async (fields: object, asked: Asked = {}) => {
    const { challenge, userHandle: handle } = await begin();
    userHandle = handle;
    const body = { name: NAME, ...texts(passkey.register(bytes(challenge))), ...fields };
    return outcome(await post("/me/passkeys", { cookie: session, body, ...asked }));
  };

  test.each([
    ["a name of 61 characters", { name: "x".repeat(61) }],
    ["a blank name", { name: "  " }],
    ["a name that turns its direction", { name: "key\u202Egpj.exe" }],
    ["an id of 15 bytes", { credentialId: base64UrlText(randomBytes(15)) }],
    ["an id of 1024 bytes", { credentialId: base64UrlText(randomBytes(1024)) }],
    ["an attestation of 8193 bytes", { attestationObject: base64UrlText(randomBytes(8193)) }],
    ["client data of 4097 bytes", { clientData: base64UrlText(randomBytes(4097)) }],
    ["something more", { counter: 1 }],
  ])("with %s is refused before anything is looked at", async (_, fields) => {
    expect(await add(fields)).toBe("request/invalid");
  });

  test("of another id than the attestation names, or of noise, is refused", async () => {
    expect(await add({ credentialId: base64UrlText(randomBytes(20)) })).toBe("passkey/refused");
    expect(await add({ attestationObject: base64UrlText(randomBytes(8192)) })).toBe("passkey/refused");
    expect(await add({ clientData: base64UrlText(randomBytes(4096)) })).toBe("passkey/refused");
  });

  test("is for our own page, and no stranger's", async () => {
    expect(await add({}, { from: "https://evil.example" })).toBe("request/wrong-origin");
    expect(await add({}, { from: null })).toBe("request/wrong-origin");
    expect(await outcome(await post("/me/passkeys/enrolment"))).toBe("sign-in/required");
    expect(await add({ name: "x".repeat(60) })).toBe("done");
  });
});

describe("signing in with it", () => {
  test("begins with a cookie that no script, other site or plain connection gets", async () => {
    const { response } = await question();
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-safeconduct-question=scb_[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=300$/,
      ),
    ]);
    expect(Object.keys((await response.json()) as object).toSorted()).toEqual([
      "challenge",
      "expiresInSeconds",
      "rpId",
    ]);
    for (const from of ["https://evil.example", null])
      expect(await outcome(await post("/sessions/passkey/challenge", { from }))).toBe("request/wrong-origin");
  });

  test("is for the browser that asked, from our own page, once; the session has a cookie of its own", async () => {
    const [mine, other] = [await question(), await question()];
    const body = answer(mine.challenge);
    const give = (asked: Asked) => post("/sessions/passkey", { body, ...asked });
    expect(await outcome(await give({}))).toBe(REFUSED);
    expect(await outcome(await give({ cookie: other.cookie }))).toBe(REFUSED);
    expect(await outcome(await give({ cookie: session }))).toBe(REFUSED);
    expect(await outcome(await give({ cookie: mine.cookie, from: "https://evil.example" }))).toBe(
      "request/wrong-origin",
    );
    const signedIn = await give({ cookie: mine.cookie });
    expect(await outcome(signedIn)).toBe("done");
    expect(signedIn.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-safeconduct=scs_[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^__Host-safeconduct-question=; .*Max-Age=0$/),
    ]);
    expect(await outcome(await give({ cookie: mine.cookie }))).toBe(REFUSED);
    // The question's cookie is no session's.
    const { cookie } = await question();
    const asSession = cookie.replace("__Host-safeconduct-question", "__Host-safeconduct");
    expect(await outcome(await post("/sessions/current/use", { cookie: asSession }))).toBe("sign-in/required");
  });

  test("says the same of a passkey that nobody has, of a wrong signature and of another member's handle", async () => {
    const told: string[] = [];
    const tries: readonly ((body: Record<string, string>) => Record<string, string>)[] = [
      (body) => ({ ...body, credentialId: base64UrlText(randomBytes(20)) }),
      (body) => ({ ...body, signature: base64UrlText(randomBytes(70)) }),
      (body) => ({ ...body, userHandle: base64UrlText(randomBytes(32)) }),
      (body) => ({ ...body, clientData: base64UrlText(randomBytes(4096)) }),
    ];
    for (const change of tries) {
      const { cookie, challenge } = await question();
      const response = await post("/sessions/passkey", { cookie, body: change(answer(challenge)) });
      expect(response.headers.getSetCookie()).toEqual([]);
      told.push(`${response.status} ${await response.text()}`);
    }
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toContain(REFUSED);
  });

  test.each([
    ["a handle of 65 bytes", { userHandle: base64UrlText(randomBytes(65)) }],
    ["no handle", { userHandle: null }],
    ["a signature of 1025 bytes", { signature: base64UrlText(randomBytes(1025)) }],
  ])("with %s is refused before anything is looked at", async (_, fields) => {
    const { cookie, challenge } = await question();
    const body = { ...answer(challenge), ...fields };
    expect(await outcome(await post("/sessions/passkey", { cookie, body }))).toBe("request/invalid");
    expect(await outcome(await post("/sessions/passkey", { cookie, body: answer(challenge) }))).toBe("done");
  });

  test("fifty times with one answer opens one session", async () => {
    const { cookie, challenge } = await question();
    const body = answer(challenge);
    const all = Array.from({ length: 50 }, async () => outcome(await post("/sessions/passkey", { cookie, body })));
    expect((await Promise.all(all)).filter((each) => each === "done")).toHaveLength(1);
  });
});

test("the log names no passkey, handle or address", () => {
  for (const word of [NAME, base64UrlText(passkey.credentialId), userHandle, ADDRESS])
    expect(instance.errors()).not.toContain(word);
});
