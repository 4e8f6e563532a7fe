import { nodeCrypto } from "@safeconduct/crypto-node";
import { decodeTerms, encodeTerms } from "@safeconduct/envelope";
import { base64UrlBytes, base64UrlText, type Bytes, Problem } from "@safeconduct/foundation";
import {
  aSending,
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  REPORT,
  sceneClient,
  type SceneClient,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { parseLink } from "./link.ts";
import { demandedKind, provePasscode, provePasscodeAgain } from "./passcode.ts";
import { openTransfer, type Opening } from "./receive-transfer.ts";
import { sendTransfer } from "./send-transfer.ts";
import type { Sending } from "./sending.ts";

const crypto = cheapCrypto(nodeCrypto());
const PASSCODE = "7K3QX-9MPA2";
const withPasscode = (passcode: string, address = "a@x.example") => ({
  address,
  name: null,
  secondFactor: { kind: "passcode", passcode } as const,
});

let scene: ExchangeScene;
let desk: Desk;
let sender: SceneClient;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  sender = sceneClient(scene, { member: desk.caller });
});

async function received(fields: Partial<Sending> = {}, number = 0) {
  const sending = aSending({ handling: "regulated", recipients: [withPasscode(PASSCODE)], ...fields });
  const sent = await sendTransfer(sender, desk.device, sending);
  const link = known(parseLink(known(sent.links[number]).link));
  const recipient = await scene.confirmed(link.grant);
  const client = sceneClient(scene, { recipient });
  const stored = known(await scene.store.read((view) => view.findGrant(link.grant)));
  const terms = base64UrlText(stored.terms);
  const { linkSecret } = link.fragment;
  return {
    client,
    link,
    terms,
    prove: (passcode: string, claimed = terms) =>
      provePasscode(client, { grant: link.grant, linkSecret, terms: claimed, passcode }),
    open: (change: Partial<Opening> = {}) => openTransfer(client, { ...link, ...change }),
  };
}

async function firstFile(opened: Awaited<ReturnType<typeof openTransfer>>): Promise<Bytes> {
  const pieces: Bytes[] = [];
  for await (const piece of opened.readFile(known(opened.manifest.files[0]).id)) pieces.push(piece);
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** Terms of the server's own making, from those of the sender. */
function twisted(terms: string, change: object): string {
  const { secondFactor, ...plain } = decodeTerms(known(base64UrlBytes(terms) ?? undefined));
  return base64UrlText(encodeTerms({ ...plain, ...(secondFactor ? { secondFactor } : {}), ...change }));
}

describe("a package with a passcode", () => {
  test("opens with it, however it is typed", async () => {
    const { prove, open, terms, link } = await received();
    expect(demandedKind({ grant: link.grant, terms })).toBe("passcode");
    const passcode = await prove(" 7k3qx 9mpa2");
    expect(await firstFile(await open({ passcode }))).toEqual(REPORT);
  });

  test("asks for it once in a visit: a new session is shown what was accepted", async () => {
    const { prove, link } = await received();
    const proven = await prove(PASSCODE);
    scene.clock.advance(60_000);
    const again = sceneClient(scene, { recipient: await scene.confirmed(link.grant) });
    await provePasscodeAgain(again, { grant: link.grant, linkSecret: link.fragment.linkSecret, proven });
    expect(await firstFile(await openTransfer(again, { ...link, passcode: proven }))).toEqual(REPORT);
  });

  test("tells a wrong passcode apart from a package that is not genuine", async () => {
    const { prove, open, client } = await received();
    expect(await outcomeOf(prove("7K3QX-9MPA3"))).toBe("grant/factor-refused");
    const passcode = await prove(PASSCODE);
    client.twist = (name, answer) =>
      name === "release" ? { ...(answer as object), slot: base64UrlText(new Uint8Array(62)) } : answer;
    expect(await outcomeOf(open({ passcode }))).toBe("client/not-genuine");
  });

  test("is asked of the server once for each try: a lost answer must not count again and again", async () => {
    const { prove, client } = await received();
    client.twist = () => {
      throw new Problem("http/unreachable", "Lost.");
    };
    expect(await outcomeOf(prove(PASSCODE))).toBe("http/unreachable");
    expect(client.asked.filter((name) => name === "provePasscode")).toHaveLength(1);
  });

  test("does not send what is no passcode", async () => {
    const { prove, client } = await received();
    expect(await outcomeOf(prove("1234"))).toBe("client/bad-passcode");
    expect(client.asked).toEqual([]);
  });

  test("does not open when the passcode that the server accepted is not the sender's", async () => {
    const { prove, open, client } = await received();
    client.twist = (name, answer) => (name === "provePasscode" ? undefined : answer);
    const right = await prove(PASSCODE);
    const wrong = { ...right, passcodeHash: scene.random.bytes(32) };
    expect(await outcomeOf(open({ passcode: wrong }))).toBe("client/not-genuine");
  });

  test("does not open with a passcode for another grant's terms", async () => {
    const { prove, open } = await received();
    const other = await received();
    await prove(PASSCODE);
    expect(await outcomeOf(open({ passcode: await other.prove(PASSCODE) }))).toBe("client/not-genuine");
  });

  test("goes to each recipient under a passcode and a salt of their own", async () => {
    const recipients = [withPasscode(PASSCODE), withPasscode("another one", "b@x.example")];
    const second = await received({ recipients }, 1);
    expect(await outcomeOf(second.prove(PASSCODE))).toBe("grant/factor-refused");
    expect(await firstFile(await second.open({ passcode: await second.prove("Another One") }))).toEqual(REPORT);
  });

  test("is refused before anything is sent when the sender's passcode is none", async () => {
    const sending = aSending({ handling: "regulated", recipients: [withPasscode("1234")] });
    expect(await outcomeOf(sendTransfer(sender, desk.device, sending))).toBe("client/bad-passcode");
    expect(sender.asked).toEqual([]);
  });
});

describe("a server that wants to do without the passcode", () => {
  test.each([
    ["leaves it out of the terms", { secondFactor: undefined }],
    ["demands an authenticator in its place", { secondFactor: { kind: "authenticator" } }],
    ["names a salt of its own", { secondFactor: { kind: "passcode", cost: 1, salt: new Uint8Array(16) } }],
  ])("and %s when the package is opened is found out", async (_, change) => {
    const { prove, open, client, terms } = await received();
    const passcode = await prove(PASSCODE);
    client.twist = (name, answer) =>
      name === "release" ? { ...(answer as object), terms: twisted(terms, change) } : answer;
    expect(await outcomeOf(open({ passcode }))).toBe("client/not-genuine");
    expect(await outcomeOf(open())).toBe("client/not-genuine");
  });

  test("and names a salt of its own from the start learns nothing that opens, and is found out", async () => {
    const { prove, open, terms } = await received();
    const own = twisted(terms, { secondFactor: { kind: "passcode", cost: 1, salt: new Uint8Array(16) } });
    expect(await outcomeOf(prove(PASSCODE, own))).toBe("grant/factor-refused");
    // As if it had been accepted all the same.
    const accepted = { ...(await prove(PASSCODE)), terms: known(base64UrlBytes(own) ?? undefined) };
    expect(await outcomeOf(open({ passcode: accepted }))).toBe("client/not-genuine");
  });

  test("and releases without asking is found out", async () => {
    const { prove, open } = await received();
    await prove(PASSCODE);
    expect(await outcomeOf(open())).toBe("client/not-genuine");
  });

  test("and gives terms of another grant is found out before the passcode is hashed", async () => {
    const { prove, link } = await received();
    const other = await received();
    expect(await outcomeOf(prove(PASSCODE, other.terms))).toBe("client/not-genuine");
    expect(await outcomeOf(prove(PASSCODE, "AAAA"))).toBe("client/not-genuine");
    expect(() => demandedKind({ grant: link.grant, terms: other.terms })).toThrow("server sent");
    expect(() => demandedKind({ grant: link.grant, terms: "!" })).toThrow("server sent");
  });
});

test("a purpose that was shown and is not the sealed one is found out", async () => {
  const { open } = await received({ handling: "public", recipients: [{ address: "a@x.example", name: null }] });
  expect(await outcomeOf(open({ shown: { purpose: "HRESCH", profile: "downloadable" } }))).toBe("client/not-genuine");
  expect(await outcomeOf(open({ shown: { purpose: "TREAT", profile: "downloadable" } }))).toBe("done");
});
