/**
 * The table of compromised pairs in the threat model, tried out: an attacker with exactly two parts of a real instance takes
 * what lies in them, asks whom they can ask, and tries every key that comes of it on every file.
 */
import { randomBytes } from "node:crypto";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { parseLink, type Sent } from "@safeconduct/client";
import { grantRows } from "./pairs/loot.ts";
import { type Bytes, hexText } from "@safeconduct/foundation";
import {
  confirmedSession,
  removeFolder,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendFromHere } from "../integration/api-sender.ts";
import { crypto } from "../integration/keys-process.ts";
import { filesOpened, type Loot } from "./pairs/attacker.ts";
import {
  blobsIn,
  filesOfOwner,
  forgeSessions,
  ownLinkSecrets,
  releasedTo,
  sharesAskedFor,
  sharesInRing,
  slotsIn,
} from "./pairs/loot.ts";
import { pairRows, PARTS, type Part, singleRows } from "./pairs/table.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const PASSCODE = "7K3QX-9MPA2";

/** Files of one kind that was sent: declared public without a second factor, or regulated with a passcode. */
interface Case {
  readonly sent: Sent;
  readonly content: string;
}

let root: string;
let home: string;
let config: string;
let instance: RunningInstance;
let open: Case;
let guarded: Case;
/** What lies in each part, for everything that was sent. */
let lying: Record<Part, Loot>;
/** What two parts give that neither has alone. */
let together: (one: Part, two: Part) => readonly Loot[];

async function send(secondFactor: boolean): Promise<Case> {
  const content = new Uint8Array(randomBytes(2000));
  const sent = await sendFromHere({
    config,
    content,
    address: RECIPIENT,
    ...(secondFactor ? { passcode: PASSCODE } : {}),
  });
  return { sent, content: hexText(content) };
}

const linkOf = ({ sent }: Case) => {
  const link = parseLink(sent.links[0]?.link ?? "");
  if (link === null) throw new Error("no link");
  return link;
};

beforeAll(async () => {
  root = await temporaryFolder();
  home = join(root, "home");
  config = join(root, "config");
  instance = await startInstance({ home });
  await setUp(instance, config);
  open = await send(false);
  guarded = await send(true);
  const cases = [open, guarded];

  const throughMailbox: Loot[] = [];
  for (const each of cases) {
    const { grant } = linkOf(each);
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    throughMailbox.push(await releasedTo(linkOf(each).origin, grant, session));
  }
  const throughWriting: Loot[] = [];
  for (const [grant, session] of forgeSessions(home)) {
    throughWriting.push(await releasedTo(linkOf(open).origin, grant, session));
  }
  const ofOwner = await filesOfOwner(
    config,
    cases.map(({ sent }) => sent.transfer),
  );
  await instance.stop();

  const links: Loot = { linkSecrets: cases.map((each) => linkOf(each).fragment.linkSecret) };
  const [slots, blobs] = [slotsIn(home), await blobsIn(home)];
  // The instance as it was when it was taken: reading the ring takes the folder's lock, and asking writes into it.
  await cp(join(home, "keys"), join(root, "keys"), { recursive: true });
  const ring = await sharesInRing(join(root, "keys"));
  const asked = await sharesAskedFor(home);
  const whole = merged([slots, blobs, asked]);
  lying = {
    B: blobs,
    D: slots,
    V: whole,
    K: ring,
    M: {},
    R: links,
    S: ofOwner,
    L: {},
    b: blobs,
    d: slots,
    l: {},
    k: ring,
  };
  const member = await ownLinkSecrets(config, home);
  together = (one, two) => {
    const has = (part: Part) => one === part || two === part;
    return [
      // Who has the link and reads the mail is a recipient; the blob comes with that.
      ...(has("M") && has("R") ? [...throughMailbox, blobs] : []),
      // A session of one's own in the database makes a recipient of whoever wrote it; the server gives the blob.
      ...(has("D") ? [...throughWriting, blobs] : []),
      ...((has("D") || has("d") || has("V")) && has("S") ? [member] : []),
    ];
  };
});
afterAll(() => removeFolder(root));

const merged = (loots: readonly Loot[]): Loot => ({
  linkSecrets: loots.flatMap(({ linkSecrets = [] }) => linkSecrets),
  shares: loots.flatMap(({ shares = [] }) => shares),
  slots: loots.flatMap(({ slots = [] }) => slots),
  blobs: new Map(loots.flatMap(({ blobs = new Map<string, Bytes>() }) => [...blobs])),
});

const PAIRS = PARTS.flatMap((one, at) => PARTS.slice(at + 1).map((two) => [one, two] as const));
const openedBy = (one: Part, two: Part) => filesOpened(crypto, [lying[one], lying[two], ...together(one, two)]);

describe("the table of the threat model", () => {
  test("names every pair, and says one thing of each", () => {
    for (const [one, two] of PAIRS) {
      const rows = pairRows().filter(({ pairs }) => pairs.some((pair) => pair.includes(one) && pair.includes(two)));
      expect(rows.length, `${one} + ${two}`).toBeGreaterThan(0);
      expect(
        new Set(rows.map(({ opens }) => opens)).size,
        `${one} + ${two}: ${rows.map(({ words }) => words).join(" | ")}`,
      ).toBe(1);
    }
  });

  test.for(PAIRS)("%s and %s open what it says", async ([one, two]) => {
    const rows = pairRows().filter(({ pairs }) => pairs.some((pair) => pair.includes(one) && pair.includes(two)));
    const alone = singleRows().some(({ parts, opens }) => opens && (parts.includes(one) || parts.includes(two)));
    const opens = alone || rows.some((row) => row.opens);
    const opened = await openedBy(one, two);
    expect(opened.has(open.content), `${one} + ${two}`).toBe(opens);
  });

  test("no part alone opens what it does not say", async () => {
    for (const { parts, opens } of singleRows()) {
      for (const part of parts) expect((await openedBy(part, part)).has(open.content), part).toBe(opens);
    }
    expect(
      singleRows()
        .flatMap(({ parts }) => parts)
        .toSorted(),
    ).toEqual([...PARTS].toSorted());
  });

  test("only the sender's own device opens files that have a passcode", async () => {
    for (const [one, two] of PAIRS) {
      const opened = await openedBy(one, two);
      expect(opened.has(guarded.content), `${one} + ${two}`).toBe(one === "S" || two === "S");
    }
  });

  test("a device that was removed still opens what was sent before to whoever also has the server", async () => {
    const { files: _given, ...removed } = lying.S;
    const opened = await filesOpened(crypto, [removed, lying.V, ...together("V", "S")]);
    expect([opened.has(open.content), opened.has(guarded.content)]).toEqual([true, true]);
  });

  test("everything together opens, so the attempts above can succeed", async () => {
    const everything = await filesOpened(crypto, [...PARTS.map((part) => lying[part]), ...together("M", "R")]);
    expect(everything.has(open.content)).toBe(true);
    expect(grantRows(home)).toHaveLength(4);
  });
});
