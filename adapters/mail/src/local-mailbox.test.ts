import { mailSuite } from "@safeconduct/testkit";
import { expect, test } from "vitest";
import { localMailbox, MAILBOX_LIMIT } from "./local-mailbox.ts";

const CLOCK = { now: () => 1_700_000_000_000 };

mailSuite(
  "the local mailbox",
  async () => {
    const mailbox = localMailbox(CLOCK);
    return {
      mail: mailbox,
      delivered: () =>
        mailbox
          .messages()
          .map(({ to, subject, text }) => ({ to, subject, text }))
          .toReversed(),
      close: async () => {},
    };
  },
  { goesNowhere: true },
);

test("messages are found by address, newest first, however the address is written", async () => {
  const mailbox = localMailbox(CLOCK);
  for (const [to, subject] of [
    ["Ines@clinic.example", "first"],
    ["ana@clinic.example", "other"],
    ["ines@Clinic.example", "second"],
  ] as const) {
    await mailbox.send({ to, subject, text: "" });
  }
  expect(mailbox.messages("ines@clinic.example").map((message) => message.subject)).toEqual(["second", "first"]);
  expect(mailbox.messages("ana@clinic.example")).toEqual([
    { to: "ana@clinic.example", subject: "other", text: "", at: CLOCK.now() },
  ]);
  expect(mailbox.messages("nobody@clinic.example")).toEqual([]);
});

test.each([MAILBOX_LIMIT - 1, MAILBOX_LIMIT, MAILBOX_LIMIT + 1])(
  "of %i messages the newest are kept",
  async (count) => {
    const mailbox = localMailbox(CLOCK);
    for (let turn = 1; turn <= count; turn++) {
      await mailbox.send({ to: "ines@clinic.example", subject: String(turn), text: "" });
    }
    const subjects = mailbox.messages().map((message) => Number(message.subject));
    expect(subjects).toEqual(Array.from({ length: Math.min(count, MAILBOX_LIMIT) }, (_, index) => count - index));
  },
);
