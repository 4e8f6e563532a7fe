import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  SCENE_START,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { drawBearer } from "../bearer.ts";
import { FIRST_RETRY_MS } from "../outbox/retry.ts";
import { revokeGrant } from "../transfers/revoke.ts";
import {
  CODE_FAILURES_BEFORE_LOCK,
  CODE_LIFE_MS,
  CODE_LOCK_MS,
  CODE_RESEND_MS,
  CODE_SENDS_PER_WINDOW,
  CODE_WINDOW_MS,
  codeOf,
} from "./code.ts";
import { confirmAddress, recipientOf, VERIFICATION_LIFE_MS } from "./confirm-address.ts";
import { sendCode } from "./send-code.ts";
import { showInvitation } from "./show-invitation.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
let sealed: Awaited<ReturnType<typeof sealedTransfer>>;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  sealed = await sealedTransfer(scene, desk, { lifeMs: 6 * 24 * 3_600_000 });
});

const send = (grant = sealed.grant) => sendCode(scene.deps, grant);
const confirm = (code: string, grant = sealed.grant) => outcomeOf(confirmAddress(scene.deps, { grant, code }));
const wrong = (code: string) => `${(Number(code[0]) + 1) % 10}${code.slice(1)}`;
const entriesSince = async (count: number) => (await scene.entries(sealed.id)).slice(count);
/** What the caller sees of a refusal, to the letter. */
async function seenOf(code: string): Promise<unknown> {
  try {
    await confirmAddress(scene.deps, { grant: sealed.grant, code });
    return null;
  } catch (error) {
    return { ...(error as object), message: (error as Error).message };
  }
}

describe("a code", () => {
  test("goes to the address of the grant, and the answer hides the address", async () => {
    const answer = await send();
    expect(answer).toEqual({ hint: "s•••t@hospital.example", expiresInSeconds: 600, nextInSeconds: 30 });
    expect(known(scene.mail.messages[0]).to).toBe("specialist@hospital.example");
  });

  test.each([
    ["a millisecond before its end", CODE_LIFE_MS - 1, "done"],
    ["at its end", CODE_LIFE_MS, "grant/code-refused"],
    ["a millisecond after its end", CODE_LIFE_MS + 1, "grant/code-refused"],
  ])("lives for ten minutes: %s", async (_, age, outcome) => {
    await send();
    scene.clock.advance(age);
    expect(await confirm(scene.mailedCode())).toBe(outcome);
  });

  test("that is right has the whole address told, which nothing before it does", async () => {
    await send();
    const answer = await confirmAddress(scene.deps, { grant: sealed.grant, code: scene.mailedCode() });
    expect(answer.address).toBe("specialist@hospital.example");
  });

  test("works once", async () => {
    await send();
    expect(await confirm(scene.mailedCode())).toBe("done");
    expect(await confirm(scene.mailedCode())).toBe("grant/code-refused");
  });

  test("works once, also twenty times at once", async () => {
    await send();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => confirm(scene.mailedCode())));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
  });

  test("dies when a newer one is sent", async () => {
    await send();
    const first = scene.mailedCode();
    scene.clock.advance(CODE_RESEND_MS);
    await send();
    expect(first).not.toBe(scene.mailedCode());
    expect(await confirm(first)).toBe("grant/code-refused");
    expect(await confirm(scene.mailedCode())).toBe("done");
  });

  test("of another grant does not fit", async () => {
    const other = await sealedTransfer(scene, desk);
    await send(other.grant);
    const foreign = scene.mailedCode();
    await send();
    expect(await confirm(foreign)).toBe("grant/code-refused");
  });

  test("that was never sent cannot be guessed, not even as the hash that stands for none", async () => {
    for (const code of ["000000", "", "\0".repeat(6)]) expect(await confirm(code)).toBe("grant/code-refused");
  });

  test("has six digits, each digit alike in each place, and comes from key, salt and grant together", () => {
    const { random, sha256 } = crypto;
    const made = { key: new Uint8Array(32).fill(1), salt: new Uint8Array(16), grant: sealed.grant };
    const seen = Array.from({ length: 60 }, () => 0);
    const DRAWS = 20_000;
    for (let draw = 0; draw < DRAWS; draw++) {
      new DataView(made.salt.buffer).setUint32(0, draw);
      const code = codeOf(sha256, made);
      expect(code).toMatch(/^[0-9]{6}$/);
      for (const [place, digit] of [...code].entries()) {
        const at = 10 * place + Number(digit);
        seen[at] = (seen[at] ?? 0) + 1;
      }
    }
    // The salts are fixed, so this holds or fails for ever. Six standard deviations around a tenth.
    const [mean, deviation] = [DRAWS / 10, Math.sqrt(DRAWS * 0.09)];
    expect(seen.filter((count) => Math.abs(count - mean) > 6 * deviation)).toEqual([]);
    const codes = [
      made,
      { ...made, key: new Uint8Array(32).fill(2) },
      { ...made, salt: new Uint8Array(16).fill(9) },
      { ...made, grant: drawId("grant", random) },
    ].map((each) => codeOf(sha256, each));
    expect(new Set(codes).size).toBe(4);
    expect(codeOf(sha256, { ...made })).toBe(codes[0]);
  });

  test("is in no entry and no answer, only its salted hash is kept", async () => {
    await send();
    const code = scene.mailedCode();
    const events = await scene.store.read((view) => view.eventsOf(sealed.id));
    expect(events.filter(({ body }) => body?.includes(code))).toEqual([]);
    expect(known(await scene.store.read((view) => view.findCode(sealed.grant))).codeHash).not.toBeNull();
  });
});

describe("failures", () => {
  test("are counted across a re-send, and the fifth locks", async () => {
    await send();
    for (let failure = 1; failure <= 3; failure++) await confirm(wrong(scene.mailedCode()));
    scene.clock.advance(CODE_RESEND_MS);
    await send();
    await confirm(wrong(scene.mailedCode()));
    expect(known(await scene.store.read((view) => view.findCode(sealed.grant))).failures).toBe(4);
    expect(await confirm(scene.mailedCode())).toBe("done");
  });

  test("four leave the right code working, five do not", async () => {
    for (const [failures, outcome] of [
      [CODE_FAILURES_BEFORE_LOCK - 1, "done"],
      [CODE_FAILURES_BEFORE_LOCK, "grant/code-refused"],
    ] as const) {
      const { grant } = await sealedTransfer(scene, desk);
      await send(grant);
      const code = scene.mailedCode();
      for (let failure = 0; failure < failures; failure++) await confirm(wrong(code), grant);
      expect(await confirm(code, grant)).toBe(outcome);
    }
  });

  test("twenty at once lock too: no more than five are tried", async () => {
    await send();
    const before = (await scene.entries(sealed.id)).length;
    await Promise.all(Array.from({ length: 20 }, () => confirm(wrong(scene.mailedCode()))));
    expect(await entriesSince(before)).toEqual(Array.from({ length: 5 }, () => "grant/confirm-refused"));
  });

  test.each(Array.from({ length: 8 }, (_, place) => place))(
    "fifty at once with the right code at place %i: it counts only within the first five",
    async (place) => {
      await send();
      const code = scene.mailedCode();
      const guesses = Array.from({ length: 50 }, (_, at) => (at === place ? code : wrong(code)));
      const outcomes = await Promise.all(guesses.map((guess) => confirm(guess)));
      // The store puts them into the order in which they came.
      expect(outcomes[place]).toBe(place < CODE_FAILURES_BEFORE_LOCK ? "done" : "grant/code-refused");
      expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(place < CODE_FAILURES_BEFORE_LOCK ? 1 : 0);
    },
  );

  test("are not forgotten when the clock is put back, nor is the lock", async () => {
    await send();
    for (let failure = 0; failure < CODE_FAILURES_BEFORE_LOCK; failure++) await confirm("x");
    scene.clock.set(SCENE_START - CODE_LOCK_MS);
    expect(await confirm(scene.mailedCode())).toBe("grant/code-refused");
    expect(await outcomeOf(send())).toBe("grant/code-wait");
    scene.clock.set(SCENE_START + CODE_LOCK_MS - 1);
    expect(await confirm(scene.mailedCode())).toBe("grant/code-refused");
  });

  test("a lock ends after fifteen minutes, and only a fresh code helps then", async () => {
    await send();
    const first = scene.mailedCode();
    for (let failure = 0; failure < CODE_FAILURES_BEFORE_LOCK; failure++) await confirm(wrong(first));
    scene.clock.advance(CODE_LOCK_MS - CODE_RESEND_MS);
    await send();
    const fresh = scene.mailedCode();
    scene.clock.set(SCENE_START + CODE_LOCK_MS - 1);
    expect(await confirm(fresh)).toBe("grant/code-refused");
    scene.clock.set(SCENE_START + CODE_LOCK_MS);
    expect(await confirm(first)).toBe("grant/code-refused");
    expect(await confirm(fresh)).toBe("done");
  });

  test("after a lock the next five are counted anew, and their lock is twice as long", async () => {
    await send();
    for (let failure = 0; failure < CODE_FAILURES_BEFORE_LOCK; failure++) await confirm("x");
    scene.clock.advance(CODE_LOCK_MS);
    await send();
    for (let failure = 0; failure < CODE_FAILURES_BEFORE_LOCK; failure++) await confirm("x");
    expect(await confirm(scene.mailedCode())).toBe("grant/code-refused");
    expect(known(await scene.store.read((view) => view.findCode(sealed.grant))).lockedUntil).toBe(
      scene.clock.now() + 2 * CODE_LOCK_MS,
    );
  });

  test("while locked nothing is recorded; otherwise each failure is one entry", async () => {
    await send();
    const before = (await scene.entries(sealed.id)).length;
    for (let failure = 0; failure < 8; failure++) await confirm("x");
    expect(await entriesSince(before)).toHaveLength(5);
  });

  test("wrong, old, used, never sent and locked look the same to the letter", async () => {
    const neverSent = await seenOf("000000");
    await send();
    const wrongOne = await seenOf(wrong(scene.mailedCode()));
    scene.clock.advance(CODE_LIFE_MS);
    const old = await seenOf(scene.mailedCode());
    await send();
    await confirm(scene.mailedCode());
    const used = await seenOf(scene.mailedCode());
    for (let failure = 0; failure < 5; failure++) await confirm("x");
    const locked = await seenOf("x");
    expect(neverSent).toMatchObject({ code: "grant/code-refused" });
    expect([wrongOne, old, used, locked]).toEqual(Array.from({ length: 4 }, () => neverSent));
  });

  test("that could not be entered in the ledger are not acknowledged but counted", async () => {
    await send();
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await confirm("x")).toBe("ledger/unavailable");
    expect(known(await scene.store.read((view) => view.findCode(sealed.grant))).failures).toBe(1);
  });
});

describe("sending", () => {
  test.each([
    [CODE_RESEND_MS - 1, "grant/code-wait"],
    [CODE_RESEND_MS, "done"],
    [CODE_RESEND_MS + 1, "done"],
  ])("again after %i ms: %s", async (wait, outcome) => {
    await send();
    scene.clock.advance(wait);
    expect(await outcomeOf(send())).toBe(outcome);
  });

  test("six times in an hour, then when the hour is over", async () => {
    for (let count = 0; count < CODE_SENDS_PER_WINDOW; count++) {
      expect(await outcomeOf(send())).toBe("done");
      scene.clock.advance(CODE_RESEND_MS);
    }
    await expect(send()).rejects.toMatchObject({
      code: "grant/code-wait",
      details: { retryAfterSeconds: 3600 - 6 * 30 },
    });
    scene.clock.set(SCENE_START + CODE_WINDOW_MS - 1);
    expect(await outcomeOf(send())).toBe("grant/code-wait");
    scene.clock.set(SCENE_START + CODE_WINDOW_MS);
    expect(await outcomeOf(send())).toBe("done");
  });

  test("twenty times at once sends one mail", async () => {
    await Promise.all(Array.from({ length: 20 }, () => outcomeOf(send())));
    expect(scene.mail.messages).toHaveLength(1);
  });

  test("sends nothing before its entry stands", async () => {
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(send())).toBe("ledger/unavailable");
    expect(scene.watch.calls).not.toContain("mail.send");
  });

  test("while the mail server is away succeeds all the same, and the mail comes when it is back", async () => {
    scene.mail.setReachable(false);
    expect(await outcomeOf(send())).toBe("done");
    expect(scene.mail.messages).toEqual([]);
    scene.mail.setReachable(true);
    scene.clock.advance(FIRST_RETRY_MS);
    await scene.outbox.deliverDue();
    expect(await confirm(scene.mailedCode())).toBe("done");
  });
});

describe("a grant that cannot be used", () => {
  const uses = (grant: typeof sealed.grant) => [
    outcomeOf(showInvitation(scene.deps, grant)),
    outcomeOf(send(grant)),
    confirm("123456", grant),
  ];
  const GONE = Array.from({ length: 3 }, () => "grant/unavailable");

  test("looks the same whether unknown, the sender's own, withdrawn or over", async () => {
    expect(await Promise.all(uses(drawId("grant", crypto.random)))).toEqual(GONE);
    expect(await Promise.all(uses(sealed.draft.senderGrant.grant))).toEqual(GONE);
    const withdrawn = await sealedTransfer(scene, desk);
    await revokeGrant(scene.deps, desk.caller, { transfer: withdrawn.id, grant: withdrawn.grant });
    expect(await Promise.all(uses(withdrawn.grant))).toEqual(GONE);
    scene.clock.set(sealed.sent.notAfter);
    expect(await Promise.all(uses(sealed.grant))).toEqual(GONE);
  });

  test("is usable until the millisecond before its end", async () => {
    scene.clock.set(sealed.sent.notAfter - 1);
    expect(await Promise.all(uses(sealed.grant))).toEqual(["done", "done", "grant/code-refused"]);
  });

  test("shows itself before it begins and nothing more", async () => {
    const notBefore = SCENE_START + 60_000;
    const { grant } = await sealedTransfer(scene, desk, { notBefore });
    expect(await Promise.all(uses(grant))).toEqual(["done", "grant/not-yet", "grant/not-yet"]);
    scene.clock.set(notBefore - 1);
    await expect(send(grant)).rejects.toMatchObject({ code: "grant/not-yet", details: { retryAfterSeconds: 1 } });
    scene.clock.set(notBefore);
    expect(await outcomeOf(send(grant))).toBe("done");
  });

  test("an invitation changes nothing and tells no address", async () => {
    const shown = await showInvitation(scene.deps, sealed.grant);
    expect({ hint: shown.hint, organisation: shown.organisationName, sender: shown.senderName }).toEqual({
      hint: "s•••t@hospital.example",
      organisation: "Riverside Clinic",
      sender: "Ines Okafor",
    });
    expect(scene.watch.calls.at(-1)).toBe("store.read");
  });
});

describe("a verification session", () => {
  const who = (bearer: string, grant = sealed.grant) => recipientOf(scene.deps, { grant, bearer });

  test("is bound to its grant and lives for an hour", async () => {
    const { bearer } = await scene.confirmed(sealed.grant);
    const other = await sealedTransfer(scene, desk);
    expect(await who(bearer, other.grant)).toBeNull();
    scene.clock.set(SCENE_START + VERIFICATION_LIFE_MS - 1);
    expect(known(await who(bearer)).grant).toBe(sealed.grant);
    scene.clock.set(SCENE_START + VERIFICATION_LIFE_MS);
    expect(await who(bearer)).toBeNull();
  });

  test("is not what another kind of bearer opens", async () => {
    const { bearer } = await scene.confirmed(sealed.grant);
    const bad = [
      bearer.replace("scv_", "scs_"),
      bearer.replace("scv_", "sct_"),
      bearer.slice(0, -1),
      `${bearer}A`,
      bearer.slice(4),
      "scv_",
      "",
      drawBearer("scv", crypto).bearer,
    ];
    expect(await Promise.all(bad.map((text) => who(text)))).toEqual(bad.map(() => null));
  });

  test("ends with its grant", async () => {
    const { bearer } = await scene.confirmed(sealed.grant);
    await revokeGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: sealed.grant });
    expect(await who(bearer)).toBeNull();
  });

  test("confirming moves a pending grant on, and a second one leaves the first moment", async () => {
    await scene.confirmed(sealed.grant);
    scene.clock.advance(CODE_RESEND_MS);
    await scene.confirmed(sealed.grant);
    const grant = known(await scene.store.read((view) => view.findGrant(sealed.grant)));
    expect([grant.state, grant.confirmedAt]).toEqual(["confirmed", SCENE_START]);
  });
});
