/** Mail over a real SMTP conversation with a server of another maker's, on a port of its own choosing. */
import type { AddressInfo } from "node:net";
import { type MailUnderTest, mailSuite } from "@safeconduct/testkit";
import { SMTPServer } from "smtp-server";
import { afterEach, expect, test } from "vitest";
import { smtpMail } from "./smtp-mail.ts";

const FROM = "no-reply@clinic.example";
const MESSAGE = { to: "specialist@hospital.example", subject: "Your code", text: "123 456\n" };

interface Arrived {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

const servers: SMTPServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(() => resolve()));
});

async function smtpServer(options: ConstructorParameters<typeof SMTPServer>[0] = {}) {
  const arrived: Arrived[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        arrived.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map((recipient) => recipient.address),
          raw: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return { arrived, port: (server.server.address() as AddressInfo).port };
}

mailSuite("SMTP", async (): Promise<MailUnderTest> => {
  let isRefusing = false;
  const { arrived, port } = await smtpServer({
    onRcptTo: (address, _session, done) => {
      done(isRefusing ? new Error(`no such user ${address.address}`) : null);
    },
  });
  return {
    mail: smtpMail({ host: "127.0.0.1", port, secure: false, from: FROM }),
    delivered: () => arrived.map(decoded),
    breakOff: () => {
      isRefusing = true;
    },
    close: async () => {},
  };
});

test("the envelope and the headers name one sender and one recipient, and ask for no automatic answer", async () => {
  const { arrived, port } = await smtpServer();
  await smtpMail({ host: "localhost", port, secure: false, from: FROM }).send(MESSAGE);
  expect(arrived).toMatchObject([{ from: FROM, to: [MESSAGE.to] }]);
  const headers = arrived[0]?.raw.split("\r\n\r\n")[0] ?? "";
  expect(headers).toMatch(/^From: no-reply@clinic\.example$/m);
  expect(headers).toMatch(/^To: specialist@hospital\.example$/m);
  expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(headers).not.toMatch(/^(bcc|cc):/im);
});

test("a message with HTML has both forms, the plain one first", async () => {
  const { arrived, port } = await smtpServer();
  const html = "<!doctype html>\n<p>123 456</p>\n";
  await smtpMail({ host: "localhost", port, secure: false, from: FROM }).send({ ...MESSAGE, html });
  const raw = arrived[0]?.raw ?? "";
  expect(raw).toMatch(/^Content-Type: multipart\/alternative/m);
  expect(raw.indexOf("text/plain")).toBeLessThan(raw.indexOf("text/html"));
  expect(raw).toMatch(/text\/plain[^]*\r\n\r\n123 456\r\n[^]*<p>123 456<\/p>/);
});

test("a server that is not there is undelivered", async () => {
  const { port } = await smtpServer();
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(() => resolve()));
  const mail = smtpMail({ host: "127.0.0.1", port, secure: false, from: FROM });
  await expect(mail.send(MESSAGE)).rejects.toMatchObject({ code: "mail/undelivered" });
});

test("a certificate that cannot be checked is undelivered, and nothing is sent", async () => {
  const { arrived, port } = await smtpServer({ secure: true });
  const mail = smtpMail({ host: "127.0.0.1", port, secure: true, from: FROM });
  await expect(mail.send(MESSAGE)).rejects.toMatchObject({ code: "mail/undelivered" });
  expect(arrived).toEqual([]);
});

// Linux connects to itself under 0.0.0.0, which is no loopback address, so the rule for other machines holds.
test.runIf(process.platform === "linux").each([
  ["offers no TLS", { hideSTARTTLS: true }],
  ["offers TLS with a certificate that cannot be checked", {}],
])("another machine's server that %s gets nothing", async (_claim, options) => {
  const { arrived, port } = await smtpServer(options);
  const mail = smtpMail({ host: "0.0.0.0", port, secure: false, from: FROM });
  await expect(mail.send(MESSAGE)).rejects.toMatchObject({ code: "mail/undelivered" });
  expect(arrived).toEqual([]);
});

test.each(["no-reply@clinic.example\r\nX: y", "a@b.example, c@d.example", "Clinic <a@b.example>", ""])(
  "the sender %j is refused at once",
  (from) => {
    expect(() => smtpMail({ host: "127.0.0.1", port: 1, secure: false, from })).toThrow(RangeError);
  },
);

/** Just enough MIME (RFC 2045, RFC 2047) to read back what was sent. */
function decoded({ to, raw }: Arrived) {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const headers = head.replaceAll(/\r\n[ \t]+/g, " ");
  const encoding = /^Content-Transfer-Encoding: (\S+)$/im.exec(headers)?.[1] ?? "7bit";
  const body = rest.join("\r\n\r\n");
  const bytes =
    encoding === "base64"
      ? Buffer.from(body, "base64")
      : encoding === "quoted-printable"
        ? quoted(body)
        : Buffer.from(body);
  const subject = (/^Subject: ?(.*)$/im.exec(headers)?.[1] ?? "").replaceAll(/\?= =\?/g, "?==?");
  return {
    to: to.join(","),
    subject: subject.replaceAll(/=\?utf-8\?([BQ])\?(.*?)\?=/gi, (_match, kind: string, word: string) =>
      (kind.toUpperCase() === "B" ? Buffer.from(word, "base64") : quoted(word.replaceAll("_", " "))).toString(),
    ),
    text: bytes.toString().replaceAll("\r\n", "\n"),
  };
}

const quoted = (words: string) =>
  Buffer.from(
    words
      .replaceAll(/=\r\n/g, "")
      .replaceAll(/=([0-9A-F]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
