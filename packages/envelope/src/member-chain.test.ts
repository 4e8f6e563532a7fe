import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import { ChainOfTest, cheapCrypto, type HolderOfTest, known } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import {
  activeHolders,
  CHAIN_LIMIT,
  HOLDERS_LIMIT,
  holdsPin,
  newestMemberKey,
  verifyMemberChain,
} from "./member-chain.ts";
import { decodeStatement, encodeStatement, HOLDER_NAME_LIMIT_BYTES, signStatementOf } from "./member-statement.ts";

const real = nodeCrypto();
/** Real signatures; HPKE keys are only carried here. */
const crypto = { ...cheapCrypto(real), signatures: real.signatures };
let chain: ChainOfTest;
let first: HolderOfTest;
beforeEach(async () => {
  ({ chain, first } = await ChainOfTest.begun(crypto));
});

const verify = (signed = chain.signed, scope = chain) =>
  verifyMemberChain(crypto, { organisation: scope.organisation, member: scope.member }, signed);
const publicKey = crypto.random.bytes(32);
const nextKey = (generation: number) => ({ kind: "member-key-set", generation, publicKey }) as const;
const removal = ({ id }: HolderOfTest) => ({ kind: "holder-removed", holder: id }) as const;

describe("a chain", () => {
  test("names the first device, its member key, and who was let in since", async () => {
    const second = await chain.admit(first);
    const third = await chain.admit(second, "passkey");
    const paper = await chain.admit(third, "recovery");
    const verified = known(await verify());
    expect(activeHolders(verified).map(({ id, kind }) => [id, kind])).toEqual([
      [first.id, "device"],
      [second.id, "device"],
      [third.id, "passkey"],
      [paper.id, "recovery"],
    ]);
    expect(newestMemberKey(verified).generation).toBe(1);
  });

  test("remembers who was removed, and has a new member key then", async () => {
    const second = await chain.admit(first);
    await chain.say(second, removal(first));
    await chain.say(second, nextKey(2));
    const verified = known(await verify());
    expect(activeHolders(verified).map(({ id }) => id)).toEqual([second.id]);
    expect(verified.holders.get(first.id)).toMatchObject({ addedAt: 0, removedAt: 3 });
    expect(newestMemberKey(verified)).toEqual({ generation: 2, publicKey });
  });

  test("grown from one that was seen holds its pin; another chain of the same member does not", async () => {
    const before = known(await verify());
    await chain.admit(first);
    const after = known(await verify());
    expect(holdsPin(after, before.head)).toBe(true);
    expect(holdsPin(before, after.head)).toBe(false);
    const forged = new ChainOfTest(crypto);
    Object.assign(forged, { member: chain.member, organisation: chain.organisation });
    const stranger = await forged.holder();
    await forged.say(stranger, forged.arrival(stranger));
    await forged.say(stranger, nextKey(1));
    expect(holdsPin(known(await verify(forged.signed)), before.head)).toBe(false);
  });

  test(`has up to ${CHAIN_LIMIT} statements`, async () => {
    for (let generation = 2; chain.signed.length < CHAIN_LIMIT; generation++)
      await chain.say(first, nextKey(generation));
    expect(await verify()).not.toBeNull();
    await chain.say(first, nextKey(CHAIN_LIMIT));
    expect(await verify()).toBeNull();
  });
});

describe("a chain is refused when", () => {
  const spoils: [title: string, spoil: () => Promise<unknown>][] = [];
  const refused = (title: string, spoil: () => Promise<unknown>) => spoils.push([title, spoil]);

  refused("it is empty", async () => chain.signed.splice(0));
  refused("it has no member key", async () => chain.signed.splice(1));
  refused("its first statement is left out", async () => chain.signed.shift());
  refused("two statements change places", async () => {
    await chain.say(first, nextKey(2));
    await chain.say(first, nextKey(3));
    chain.signed.push(...chain.signed.splice(2).reverse());
  });
  refused("one is left out of the middle", async () => {
    await chain.admit(first);
    await chain.admit(first);
    chain.signed.splice(2, 1);
  });
  refused("a bit of a statement changes", async () => {
    const last = known(chain.signed.at(-1));
    const statement = Uint8Array.from(last.statement);
    statement[statement.length - 1] = known(statement.at(-1)) ^ 1;
    chain.signed.splice(-1, 1, { ...last, statement });
  });
  refused("a signature is another statement's", async () => {
    const [a, b] = [known(chain.signed[0]), known(chain.signed[1])];
    chain.signed.splice(1, 1, { ...b, signature: a.signature });
  });
  refused("bytes follow a statement", async () => {
    const last = known(chain.signed.at(-1));
    chain.signed.splice(-1, 1, { ...last, statement: Uint8Array.from([...last.statement, 0]) });
  });
  refused("a stranger signs a device in", async () => {
    await chain.admit(await chain.holder());
  });
  refused("a stranger signs under the id of a device", async () => {
    const stranger = await chain.holder();
    await chain.say({ ...stranger, id: first.id }, chain.arrival(stranger));
  });
  refused("a later device signs itself in", async () => {
    const stranger = await chain.holder();
    await chain.say(stranger, chain.arrival(stranger));
  });
  refused("a removed device signs", async () => {
    const second = await chain.admit(first);
    await chain.say(first, removal(second));
    await chain.say(first, nextKey(2));
    await chain.admit(second);
  });
  refused("a removed device comes back", async () => {
    const second = await chain.admit(first);
    await chain.say(first, removal(second));
    await chain.say(first, nextKey(2));
    await chain.say(first, chain.arrival(second));
  });
  refused("nobody makes a new member key after a removal", async () => {
    await chain.say(first, removal(await chain.admit(first)));
  });
  refused("a device is let in between a removal and the new member key", async () => {
    await chain.say(first, removal(await chain.admit(first)));
    await chain.admit(first);
    await chain.say(first, nextKey(2));
  });
  refused("a device removes itself", async () => {
    const second = await chain.admit(first);
    await chain.say(second, removal(second));
    await chain.say(first, nextKey(2));
  });
  refused("somebody is removed twice", async () => {
    const second = await chain.admit(first);
    await chain.say(first, removal(second));
    await chain.say(first, removal(second));
    await chain.say(first, nextKey(2));
  });
  refused("a generation is left out", () => chain.say(first, nextKey(3)));
  refused("a generation comes again", () => chain.say(first, nextKey(1)));
  refused("it is another member's statement", () =>
    chain.say(first, nextKey(2), { member: drawId("member", crypto.random) }),
  );
  refused("it is another organisation's statement", () =>
    chain.say(first, nextKey(2), { organisation: drawId("organisation", crypto.random) }),
  );
  refused("a position is wrong", () => chain.say(first, nextKey(2), { position: 3 }));
  refused("the statement before is another", () => chain.say(first, nextKey(2), { previous: crypto.random.bytes(32) }));
  refused("there are two recovery keys", async () => {
    await chain.admit(first, "recovery");
    await chain.admit(first, "recovery");
  });
  refused("a recovery key lets in a passkey", async () => {
    await chain.admit(await chain.admit(first, "recovery"), "passkey");
  });
  refused("a recovery key sets the member key", async () => {
    await chain.say(await chain.admit(first, "recovery"), nextKey(2));
  });
  refused("a recovery key removes a device", async () => {
    const paper = await chain.admit(first, "recovery");
    await chain.say(paper, removal(await chain.admit(first)));
    await chain.say(first, nextKey(2));
  });
  refused("only paper would be left", async () => {
    const paper = await chain.admit(first, "recovery");
    await chain.say(paper, removal(first));
    await chain.say(paper, nextKey(2));
  });
  test.each(spoils)("%s", async (_, spoil) => {
    expect(await verify()).not.toBeNull();
    await spoil();
    expect(await verify()).toBeNull();
  });

  test(`there are more than ${HOLDERS_LIMIT} holders`, async () => {
    for (let holders = 1; holders < HOLDERS_LIMIT; holders++) await chain.admit(first);
    expect(await verify()).not.toBeNull();
    await chain.admit(first);
    expect(await verify()).toBeNull();
  });

  test.each(["passkey", "recovery"] as const)("it begins with a %s", async (kind) => {
    const begun = new ChainOfTest(crypto);
    const holder = await begun.holder(kind);
    await begun.say(holder, begun.arrival(holder));
    await begun.say(holder, nextKey(1));
    expect(await verify(begun.signed, begun)).toBeNull();
  });

  test("the second statement lets somebody in before there is a member key", async () => {
    const begun = new ChainOfTest(crypto);
    const holder = await begun.holder();
    await begun.say(holder, begun.arrival(holder));
    await begun.admit(holder);
    await begun.say(holder, nextKey(1));
    expect(await verify(begun.signed, begun)).toBeNull();
  });
});

describe("a statement", () => {
  test("with a name at its limit is written and read; one byte more is not", async () => {
    const said = decodeStatement(known(chain.signed[0]).statement);
    const body = chain.arrival(first);
    const named = (length: number) => ({ ...said, body: { ...body, name: "a".repeat(length) } }) as typeof said;
    expect(decodeStatement(encodeStatement(named(HOLDER_NAME_LIMIT_BYTES)))).toEqual(named(HOLDER_NAME_LIMIT_BYTES));
    expect(() => encodeStatement(named(HOLDER_NAME_LIMIT_BYTES + 1))).toThrow(RangeError);
  });

  test("of an unknown kind, version or length is refused", async () => {
    const { statement } = known(chain.signed[1]);
    for (let length = 0; length < statement.length; length++)
      expect(() => decodeStatement(statement.subarray(0, length))).toThrow("");
    for (const at of [3, 20, 28, 29, 30]) {
      const other = Uint8Array.from(statement);
      other[at] = known(other[at]) ^ 0x40;
      expect(() => decodeStatement(other)).toThrow("");
    }
  });

  test("is signed over its own domain: a signature over anything else does not pass", async () => {
    const statement = decodeStatement(known(chain.signed[1]).statement);
    const { signature } = await signStatementOf(crypto, { statement, privateKey: first.signing.privateKey });
    expect(signature).toEqual(known(chain.signed[1]).signature);
  });
});
