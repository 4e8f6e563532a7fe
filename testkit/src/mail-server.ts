/** A real mail server of another maker's in this process, on a port of its own, that can go away and come back on it. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface MailServer {
  readonly port: number;
  /** Raw messages with the address that each was for, oldest first. */
  readonly arrived: readonly { readonly to: string; readonly raw: string }[];
  /** Sessions that came, also those that brought nothing. */
  readonly sessions: () => number;
  /** From now on every message is refused for the moment (451), or taken again. */
  setRefusing(isRefusing: boolean): void;
  close(): Promise<void>;
}

/** Listens on the loopback address; `port` 0 takes a free one. */
export async function startMailServer(wanted = 0): Promise<MailServer> {
  const arrived: { to: string; raw: string }[] = [];
  let isRefusing = false;
  let sessions = 0;
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    disableReverseLookup: true,
    onConnect: (_session, done) => {
      sessions++;
      done();
    },
    onRcptTo: (_address, _session, done) =>
      done(isRefusing ? Object.assign(new Error("later"), { responseCode: 451 }) : null),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        arrived.push({
          to: session.envelope.rcptTo.map(({ address }) => address).join(","),
          raw: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    arrived,
    sessions: () => sessions,
    setRefusing: (refusing) => {
      isRefusing = refusing;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
