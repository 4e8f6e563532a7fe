import { nodeCrypto } from "@safeconduct/crypto-node";
import { eraseTransfer, revokeTransfer } from "@safeconduct/exchange";
import { decodeTerms, encodeTerms, type GrantTerms } from "@safeconduct/envelope";
import { base64UrlBytes, base64UrlText, type Bytes, drawId, Problem, utf8Bytes } from "@safeconduct/foundation";
import {
  aSending,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  REPORT,
  sceneClient,
  settle,
  type SceneClient,
  keyServiceBody,
} from "@safeconduct/testkit";
import { LEAF_BYTES } from "@safeconduct/ledger";
import { beforeEach, describe, expect, test } from "vitest";
import { parseLink } from "./link.ts";
import { acceptConditions, askedByTerms } from "./conditions.ts";
import { openTransfer } from "./receive-transfer.ts";
import { sendTransfer } from "./send-transfer.ts";
import type { Sent } from "./sending.ts";

const crypto = nodeCrypto();
let scene: ExchangeScene;
let desk: Desk;
let sender: SceneClient;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  sender = sceneClient(scene, { member: desk.caller });
});

const send = (fields: Parameters<typeof aSending>[0] = {}) => sendTransfer(sender, desk.device, aSending(fields));

/** The recipient of the first link, with the code confirmed. */
async function recipientOf(sent: Sent) {
  const link = known(parseLink(known(sent.links[0]).link));
  const recipient = await scene.confirmed(link.grant);
  const client = sceneClient(scene, { recipient });
  return { client, link, open: (change = {}) => openTransfer(client, { ...link, ...change }) };
}

async function firstFile(opened: Awaited<ReturnType<typeof openTransfer>>): Promise<Bytes> {
  const pieces: Bytes[] = [];
  for await (const piece of opened.readFile(known(opened.manifest.files[0]).id)) pieces.push(piece);
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

const flip = (text: unknown): string => {
  const at = Math.floor(String(text).length / 2);
  const letter = String(text)[at] === "A" ? "B" : "A";
  return `${String(text).slice(0, at)}${letter}${String(text).slice(at + 1)}`;
};

describe("files that may be viewed only", () => {
  test("are opened to be viewed, and by no command that would save them", async () => {
    const { open } = await recipientOf(await send({ profile: "viewable" }));
    expect(await firstFile(await open({ shown: { purpose: "TREAT", profile: "viewable" } }))).toEqual(REPORT);
    expect(await outcomeOf(open({ toSave: true }))).toBe("client/view-only");
  });

  test("are not shown as files to download by a server that lies", async () => {
    const { open } = await recipientOf(await send({ profile: "viewable" }));
    expect(await outcomeOf(open({ shown: { purpose: "TREAT", profile: "downloadable" } }))).toBe("client/not-genuine");
  });
});

describe("terms that are to be accepted", () => {
  const asking = { conditions: { mayStore: true, deleteByDays: 30 }, closesOnReceipt: true } as const;

  /** The recipient of a transfer that asks, with the terms that came with the confirmation. */
  async function asked(fields: Parameters<typeof aSending>[0] = asking) {
    const { client, link, open } = await recipientOf(await send(fields));
    const grant = known((await scene.store.read((view) => view.findGrant(link.grant))) ?? undefined);
    const terms = base64UrlText(grant.terms);
    const shown = { grant: link.grant, terms };
    return { open, shown, client, accept: (change = {}) => acceptConditions(client, { ...shown, ...change }) };
  }
  const other = (terms: string, change: Partial<GrantTerms>) =>
    base64UrlText(encodeTerms({ ...decodeTerms(known(base64UrlBytes(terms) ?? undefined)), ...change }));

  test("are shown as the sender sealed them, and open once accepted", async () => {
    const { open, shown, accept } = await asked();
    expect(askedByTerms(shown)).toEqual(asking);
    expect(await outcomeOf(open({ terms: shown.terms }))).toBe("grant/terms-not-accepted");
    await accept();
    expect(await firstFile(await open({ terms: shown.terms }))).toEqual(REPORT);
  });

  test("and are softened by the server on the way are found out, by the server that has the others or at the opening", async () => {
    const { open, shown, accept } = await asked();
    const soft = other(shown.terms, { conditions: { mayStore: true, deleteByDays: null } });
    expect(await outcomeOf(accept({ terms: soft }))).toBe("grant/terms-not-accepted");
    await accept();
    expect(await outcomeOf(open({ terms: soft }))).toBe("client/not-genuine");
  });

  test("open nothing on a device that showed nothing of them", async () => {
    const { open, accept } = await asked();
    await accept();
    expect(await outcomeOf(open())).toBe("client/not-genuine");
  });

  test("of another link or of no sense are not shown", async () => {
    const [one, two] = [await asked(), await asked({})];
    expect(askedByTerms(two.shown)).toEqual({ conditions: null, closesOnReceipt: false });
    expect(() => askedByTerms({ ...one.shown, terms: two.shown.terms })).toThrow("server sent");
    expect(() => askedByTerms({ ...one.shown, terms: "AAAA" })).toThrow("server sent");
    expect(() => askedByTerms({ ...one.shown, terms: "!" })).toThrow("server sent");
  });

  test("that no grant can have are refused before anything is uploaded", async () => {
    await expect(send({ ...asking, profile: "viewable" })).rejects.toThrow(RangeError);
    expect(sender.asked).not.toContain("draftTransfer");
  });
});

test("where a recipient works is kept with the grant and in its readable event, and erased with the name", async () => {
  const recipient = { address: "ruiz@hospital.example", name: "Dr. Ruiz", organisation: "St. Mary's Hospital" };
  const sent = await send({ recipients: [recipient] });
  const { grant } = known(sent.links[0]);
  const kept = () => scene.store.read((view) => view.findGrant(grant));
  expect(await kept()).toMatchObject({ name: "Dr. Ruiz", recipientOrganisation: "St. Mary's Hospital" });
  const events = await scene.store.read((view) => view.eventsOf(sent.transfer));
  const added = known(events.find(({ type }) => type === "grant/added"));
  expect(added.body).toContain("St. Mary's Hospital");
  expect(added.leaf).toHaveLength(LEAF_BYTES);
  await revokeTransfer(scene.deps, desk.caller, sent.transfer);
  await scene.sweep();
  await eraseTransfer(scene.deps, desk.caller, sent.transfer);
  expect(await kept()).toMatchObject({ name: null, recipientOrganisation: null });
});

describe("a file that was sent", () => {
  test("arrives as it was, under its name", async () => {
    const { open } = await recipientOf(await send());
    const opened = await open();
    expect(opened.manifest.files.map(({ path }) => path)).toEqual(["report.txt"]);
    expect(await firstFile(opened)).toEqual(REPORT);
  });

  test("goes through lost answers of each call, once", async () => {
    const failed = new Set<string>();
    sender.twist = (name, answer) => {
      if (failed.has(name)) return answer;
      failed.add(name);
      throw new Problem("http/unreachable", "Lost.");
    };
    const { open } = await recipientOf(await send());
    expect(await firstFile(await open())).toEqual(REPORT);
    expect((await scene.entries()).filter((type) => type.startsWith("transfer/"))).toEqual([
      "transfer/drafted",
      "transfer/sealed",
    ]);
    expect(sender.waits.length).toBeGreaterThanOrEqual(4);
  });

  test("ends at the minute that was promised, however long it travelled", async () => {
    const endsAt = scene.clock.now() + 24 * 3_600_000;
    let reads = 0;
    const sending = aSending({ endsAt });
    const files = sending.files.map((file) => ({
      ...file,
      read: (offset: number, length: number) => {
        if (reads++ === 0) scene.clock.advance(600_000);
        return file.read(offset, length);
      },
    }));
    expect((await send({ endsAt, files })).notAfter).toBe(endsAt);
  });

  test("goes through outages of key service and ledger", async () => {
    for (const [port, call] of [
      ["keys", "keys.addTransfer"],
      ["keys", "keys.addGrant"],
      ["tiles", "tiles.writeTiles"],
    ] as const) {
      let left = 3;
      scene.watch.before(call, () => {
        if (left-- > 0) throw scene.outage(port);
      });
      expect((await send()).links).toHaveLength(1);
      scene.watch.clear();
    }
  });

  test("is put again when other bytes arrived than were sent", async () => {
    let damaged = 0;
    sender.twist = (name, answer) =>
      name === "put" && damaged++ === 0 ? Response.json({ number: 1, sizeBytes: 1, sha256: "AA" }) : answer;
    const { open } = await recipientOf(await send());
    expect(await firstFile(await open())).toEqual(REPORT);
    expect(sender.asked.filter((name) => name === "put")).toHaveLength(2);
  });

  test("is given up when it arrives damaged again and again", async () => {
    sender.twist = (name, answer) =>
      name === "put" ? Response.json({ number: 1, sizeBytes: 1, sha256: "AA" }) : answer;
    expect(await outcomeOf(send())).toBe("client/damaged-transfer");
    await settle();
    expect((await scene.entries()).slice(-1)).toEqual(["transfer/abandoned"]);
  });

  test("asks for a fresh URL when one is too old", async () => {
    const { client, open } = await recipientOf(await send());
    const opened = await open();
    scene.clock.advance(120_000);
    expect(await firstFile(opened)).toEqual(REPORT);
    expect(client.asked).toContain("blobTarget");
  });

  test("cannot be read on once it is taken back", async () => {
    const sent = await send();
    const { open } = await recipientOf(sent);
    const opened = await open();
    await revokeTransfer(scene.deps, desk.caller, sent.transfer);
    expect(await outcomeOf(firstFile(opened))).toBe("grant/unavailable");
    expect(await outcomeOf(open())).toBe("grant/unavailable");
  });

  test("leaves neither its name nor its words at the server", async () => {
    await send();
    const text = JSON.stringify(await scene.store.read((view) => view.leavesFrom(0, 100)));
    expect(text).not.toContain("report.txt");
  });
});

describe("an answer of a server that lies", () => {
  const fields = ["terms", "slot", "sealedShares", "sealRecord", "sealSignature", "signingPublicKey"] as const;
  test.each(fields)("with one bit of %s changed opens nothing", async (field) => {
    const { client, open } = await recipientOf(await send());
    client.twist = (_, answer) => {
      const body = answer as Record<string, unknown>;
      return { ...body, [field]: flip(body[field]) };
    };
    expect(await outcomeOf(open())).toBe("client/not-genuine");
  });

  test.each(fields)("with %s of another transfer opens nothing", async (field) => {
    const other = await recipientOf(await send());
    let foreign: Record<string, unknown> = {};
    other.client.twist = (name, answer) => {
      if (name === "release") foreign = answer as Record<string, unknown>;
      return answer;
    };
    await other.open();
    const { client, open } = await recipientOf(await send());
    const twisted = field === "signingPublicKey" ? { [field]: "A".repeat(43) } : { [field]: foreign[field] };
    client.twist = (_, answer) => ({ ...(answer as object), ...twisted });
    expect(await outcomeOf(open())).toBe("client/not-genuine");
  });

  test.each(["organisation", "transfer"] as const)("naming another %s opens nothing", async (field) => {
    const { client, open } = await recipientOf(await send());
    client.twist = (_, answer) => ({ ...(answer as object), [field]: drawId(field, scene.random) });
    expect(await outcomeOf(open())).toBe("client/not-genuine");
  });

  test("with other bytes in the blob opens nothing", async () => {
    const { client, open } = await recipientOf(await send());
    client.twist = (name, answer) =>
      name === "get" ? new Response(new Uint8Array(1 << 21).subarray(0, 8), { status: 206 }) : answer;
    expect(["client/damaged-transfer", "envelope/cannot-open"]).toContain(await outcomeOf(open()));
  });
});

describe("a link", () => {
  test("with another secret, or of another sender, opens nothing", async () => {
    const { link, open } = await recipientOf(await send());
    for (const field of ["linkSecret", "signingKeyHash"] as const) {
      const fragment = { ...link.fragment, [field]: scene.random.bytes(32) };
      expect(await outcomeOf(open({ fragment }))).toBe("client/not-genuine");
    }
  });

  test("of one recipient does not open the other's grant", async () => {
    const sent = await send({ recipients: ["a@x.example", "b@x.example"].map((address) => ({ address, name: null })) });
    const { open } = await recipientOf(sent);
    const other = known(parseLink(known(sent.links[1]).link));
    expect(await outcomeOf(open({ fragment: other.fragment }))).toBe("client/not-genuine");
  });

  const whole = `http://scene.example/r/${"grt_" + "a".repeat(26)}#${"A".repeat(87)}`;
  test.each([
    ["without its fragment", whole.split("#")[0] ?? ""],
    ["cut at the end", whole.slice(0, -1)],
    ["over ftp", whole.replace("http:", "ftp:")],
    ["with a user in it", whole.replace("//", "//user@")],
    ["with a query", whole.replace("#", "?a=b#")],
    ["to another page", whole.replace("/r/", "/x/")],
    ["longer than any link", whole + "A".repeat(5000)],
    ["that is no link", "see the attachment"],
    ["that is empty", ""],
  ])("%s is none", (_, text) => {
    expect(parseLink(text)).toBeNull();
  });
});

describe("before anything leaves the device", () => {
  test.each([
    ["no file", { files: [] }, "envelope/no-files"],
    ["a hostile name", { files: [{ ...known(aSending().files[0]), path: "../up.txt" }] }, "envelope/invalid-path"],
  ])("%s is refused", async (_, fields, code) => {
    expect(await outcomeOf(send(fields))).toBe(code);
    expect(sender.asked).not.toContain("draftTransfer");
  });

  test("another key service than the pinned one is refused", async () => {
    const { publicKey } = await crypto.signatures.generateKeyPair();
    const device = { ...desk.device, keyServiceSigningKey: publicKey };
    expect(await outcomeOf(sendTransfer(sender, device, aSending()))).toBe("client/other-key-service");
    expect(sender.asked).not.toContain("draftTransfer");
  });

  test.each(["publicKey", "notAfter", "signature"] as const)(
    "an intake key with another %s than the key service signed is refused",
    async (field) => {
      const changed = { publicKey: "A".repeat(1666), notAfter: 9_000_000_000_000, signature: "A".repeat(86) };
      sender.twist = (name, answer) => {
        if (name !== "instance") return answer;
        const { keyService } = answer as { keyService: { intake: object } };
        return {
          ...(answer as object),
          keyService: { ...keyService, intake: { ...keyService.intake, [field]: changed[field] } },
        };
      };
      expect(await outcomeOf(send())).toBe("client/other-key-service");
      expect(sender.asked).not.toContain("draftTransfer");
    },
  );

  test("an intake key of yesterday is refused, however genuine", async () => {
    const yesterday = await keyServiceBody(scene);
    scene.clock.advance(24 * 3_600_000);
    sender.twist = (name, answer) => (name === "instance" ? { ...(answer as object), keyService: yesterday } : answer);
    expect(await outcomeOf(send())).toBe("client/clock-wrong");
    expect(sender.asked).not.toContain("draftTransfer");
  });

  test("an upload that takes longer than an intake key lives ends well", async () => {
    const [file] = aSending().files;
    let reads = 0;
    const slow: typeof file = {
      ...known(file),
      read: async (offset, length) => {
        if (reads++ === 0) scene.clock.advance(5 * 3_600_000);
        return known(file).read(offset, length);
      },
    };
    const sent = await send({ files: [slow] });
    const { open } = await recipientOf(sent);
    expect(await firstFile(await open())).toEqual(REPORT);
  });

  test("a clock that is off is told in plain words", async () => {
    sender.twist = (name, answer) =>
      name === "draftTransfer" ? { ...(answer as object), createdAt: scene.clock.now() - 301_000 } : answer;
    expect(await outcomeOf(send())).toBe("client/clock-wrong");
  });
});

describe("trouble on the way", () => {
  test("of a file that changes ends the sending, and the draft is given up", async () => {
    const changing = { ...known(aSending().files[0]), read: async () => utf8Bytes("short") };
    expect(await outcomeOf(send({ files: [changing] }))).toBe("envelope/file-changed");
    await settle();
    expect((await scene.entries()).slice(-1)).toEqual(["transfer/abandoned"]);
  });

  test("an abort ends the sending, and the draft is given up", async () => {
    const stop = new AbortController();
    sender.twist = (name, answer) => {
      if (name === "draftTransfer") stop.abort(new Problem("http/unreachable", "Stopped by the person."));
      return answer;
    };
    const sending = sendTransfer(sender, desk.device, aSending(), { signal: stop.signal });
    await expect(sending).rejects.toThrow("Stopped by the person.");
    expect(await scene.entries()).not.toContain("transfer/sealed");
  });
});
