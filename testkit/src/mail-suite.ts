/** The acceptance suite of the `Mail` port. */
import type { Mail, MailMessage } from "@safeconduct/exchange";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

export interface MailUnderTest {
  readonly mail: Mail;
  /** What has arrived, oldest first. */
  delivered(): readonly MailMessage[];
  /** Lets every later message fail on its way. Absent where mail goes nowhere and nothing can fail. */
  readonly breakOff?: () => void;
  close(): Promise<void>;
}

const MESSAGE: MailMessage = {
  to: "specialist@hospital.example",
  subject: "Your code for a file from Riverside Clinic",
  text: "Your code: 123 456\n\nIt works for ten minutes.\n",
};

/** `goesNowhere` where nothing is on the way that could refuse a message. */
export function mailSuite(
  name: string,
  openMail: () => Promise<MailUnderTest>,
  { goesNowhere = false }: { goesNowhere?: boolean } = {},
): void {
  describe(`${name} as mail`, () => {
    let open: MailUnderTest;
    beforeEach(async () => {
      open = await openMail();
    });
    afterEach(async () => {
      await open.close();
    });

    test("a message arrives as it was sent", async () => {
      await open.mail.send(MESSAGE);
      expect(open.delivered()).toEqual([MESSAGE]);
    });

    test("messages arrive in the order they were sent, each to its own address", async () => {
      const messages = ["one", "two", "three"].map((word) => ({
        ...MESSAGE,
        to: `${word}@clinic.example`,
        subject: word,
      }));
      for (const message of messages) await open.mail.send(message);
      expect(open.delivered()).toEqual(messages);
    });

    test.each([
      ["letters of other languages", "Código para Zoë 👩🏽‍⚕️", "Grüße, 你好\nשלום\n"],
      ["lines with a single dot", "dots", "a\n.\n..\nb\n"],
      ["lines that look like headers", "plain", "Bcc: x@evil.example\n\nFrom: y@evil.example\n"],
      ["a long line", "long", `${"word ".repeat(400)}\n`],
      ["nothing", "", "\n"],
    ])("text and subject come through: %s", async (_claim, subject, text) => {
      await open.mail.send({ ...MESSAGE, subject, text });
      expect(open.delivered()).toEqual([{ ...MESSAGE, subject, text }]);
    });

    test.each([
      ["a second header in the subject", { subject: "Hello\r\nBcc: x@evil.example" }],
      ["a line feed in the subject", { subject: "Hello\nBcc: x@evil.example" }],
      ["a carriage return in the subject", { subject: "Hello\rBcc: x@evil.example" }],
      ["NUL in the subject", { subject: "Hello\0" }],
      ["a header in the address", { to: "a@clinic.example\r\nBcc: x@evil.example" }],
      ["two addresses", { to: "a@clinic.example, x@evil.example" }],
      ["two addresses with a semicolon", { to: "a@clinic.example;x@evil.example" }],
      ["a name around the address", { to: "Ines <a@clinic.example>" }],
      ["a parameter behind the address", { to: "a@clinic.example> SIZE=1" }],
      ["a group of addresses", { to: "all:a@clinic.example;" }],
      ["no address", { to: "" }],
      ["no domain", { to: "ines" }],
    ])("%s is refused and nothing is sent", async (_claim, fields) => {
      await expect(open.mail.send({ ...MESSAGE, ...fields })).rejects.toThrow(RangeError);
      expect(open.delivered()).toEqual([]);
    });

    if (goesNowhere) return;
    test("what the next hop does not take is undelivered, and the reason does not show the address", async () => {
      open.breakOff?.();
      const problem = await open.mail.send(MESSAGE).catch((error: unknown) => error);
      expect(problem).toMatchObject({ name: "Problem", code: "mail/undelivered" });
      expect(JSON.stringify(problem) + String(problem)).not.toContain("specialist");
      expect((problem as Error).cause).toBeUndefined();
    });
  });
}
