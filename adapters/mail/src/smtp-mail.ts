/**
 * Mail through the organisation's own mail server (RFC 5321). TLS with a checked certificate, unless the server is this
 * machine: what travels is a code, and who can read it on the way can open a link that leaked.
 */
import { BlockList, isIP } from "node:net";
import type { Mail } from "@safeconduct/exchange";
import { createTransport } from "nodemailer";
import { undelivered } from "./errors.ts";
import { requireSafeHeaders } from "./headers.ts";

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (port 465); otherwise STARTTLS (RFC 3207). */
  readonly secure: boolean;
  /** The sender's address, alone. */
  readonly from: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** Certificate authority (PEM) of a mail server with a certificate of the organisation's own. */
  readonly tlsAuthority?: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** RFC 5321 §4.5.3.2 allows minutes; a person is waiting for the code. */
const SILENCE_TIMEOUT_MS = 30_000;
/** A server that answers each line late would hold a delivery for longer than its lease in the outbox. */
const DELIVERY_LIMIT_MS = 90_000;

/** `send` rejects with Problem `mail/undelivered` for whatever the mail server or the way to it does. Nothing is logged. */
export function smtpMail({ host, port, secure, from, login, tlsAuthority }: SmtpOptions): Mail {
  requireSafeHeaders({ to: from, subject: "" });
  const isLocal = isLoopback(host);
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: !secure && !isLocal,
    // A mail server on this machine often has a certificate that nobody can check, and needs none.
    ignoreTLS: !secure && isLocal,
    tls: {
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(tlsAuthority === undefined ? {} : { ca: tlsAuthority }),
    },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  return {
    async send(message) {
      requireSafeHeaders(message);
      try {
        const sending = transport.sendMail({
          // As parts, so that nothing is parsed out of them again.
          from: { name: "", address: from },
          to: { name: "", address: message.to },
          envelope: { from, to: [message.to] },
          subject: message.subject,
          text: message.text,
          ...(message.html === undefined ? {} : { html: message.html }),
          // RFC 3834: no out-of-office answers to a code.
          headers: { "Auto-Submitted": "auto-generated" },
        });
        await limited(sending);
      } catch {
        throw undelivered();
      }
    },
  };
}

async function limited(sending: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("too slow")), DELIVERY_LIMIT_MS);
  });
  await Promise.race([sending, limit]).finally(() => clearTimeout(timer));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  const version = isIP(host);
  // RFC 6761 §6.3: localhost is this machine.
  return version === 0 ? host === "localhost" : LOOPBACK.check(host, version === 6 ? "ipv6" : "ipv4");
}
