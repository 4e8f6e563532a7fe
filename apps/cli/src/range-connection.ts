/**
 * Ranges of a blob, read from the network straight into the memory that they are for. fetch and node:http give a stream in
 * small pieces, each with memory of its own; V8 answers every few dozen MB of them with a collection of everything (a third of the
 * processor's time of a receiving, measured). Here one buffer is used again and again.
 *
 * It speaks as little HTTP/1.1 (RFC 9112) as that takes and judges nothing: whatever is not exactly the answer that was
 * hoped for is left to fetch, which asks again and makes of it what it is.
 */
import { connect, type Socket } from "node:net";
import type { FillRange } from "@safeconduct/client";

const READ_BYTES = 256 * 1024;
/** Of an answer, up to its body. */
const HEAD_LIMIT_BYTES = 16 * 1024;
/** Silence of a server that is still there, as fetch bears it. */
const SILENCE_LIMIT_MS = 5 * 60_000;
const HEAD_END = "\r\n\r\n";
const HTTP_PORT = 80;

/** One connection, one range at a time; asked for a second meanwhile it answers false. */
export class RangeConnection {
  private readonly buffer = Buffer.alloc(READ_BYTES);
  private line: { readonly origin: string; readonly socket: Socket } | null = null;
  private coming: ComingRange | null = null;
  private busy = false;

  readonly fill: FillRange = async (url, { offset, memory, signal }) => {
    const parsed = new URL(url);
    // TLS is left to fetch.
    if (this.busy || signal?.aborted === true || parsed.protocol !== "http:") return false;
    this.busy = true;
    const stop = () => this.end();
    signal?.addEventListener("abort", stop);
    try {
      return await this.ask(parsed, offset, memory);
    } finally {
      signal?.removeEventListener("abort", stop);
      this.busy = false;
    }
  };

  private ask(url: URL, offset: number, memory: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      this.coming = new ComingRange(memory, offset, resolve);
      const socket = this.socketTo(url);
      socket.ref();
      socket.write(
        `GET ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\naccept-encoding: identity\r\n` +
          `range: bytes=${offset}-${offset + memory.length - 1}\r\n\r\n`,
      );
    });
  }

  private socketTo(url: URL): Socket {
    if (this.line?.origin === url.origin && !this.line.socket.destroyed) return this.line.socket;
    this.line?.socket.destroy();
    // Brackets of an IPv6 address belong to the URL.
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const port = url.port === "" ? HTTP_PORT : Number(url.port);
    const onread = { buffer: this.buffer, callback: (length: number) => this.take(socket, length) };
    const socket: Socket = connect({ host, port, onread });
    socket.setTimeout(SILENCE_LIMIT_MS, () => socket.destroy());
    socket.on("error", () => undefined);
    // A connection that ended earlier says nothing about the range that comes over the next one.
    socket.on("close", () => {
      if (this.line?.socket === socket) this.end();
    });
    socket.on("end", () => socket.destroy());
    this.line = { origin: url.origin, socket };
    return socket;
  }

  /** What lies in the buffer now. */
  private take(socket: Socket, length: number): boolean {
    if (this.line?.socket !== socket) return false;
    const outcome = this.coming?.take(this.buffer.subarray(0, length)) ?? "strange";
    if (outcome === "strange") this.end();
    if (outcome === "whole") {
      // A command that is done ends, whatever the server keeps open.
      socket.unref();
      this.settle(true);
    }
    return true;
  }

  private end(): void {
    this.line?.socket.destroy();
    this.line = null;
    this.settle(false);
  }

  private settle(isFilled: boolean): void {
    const { coming } = this;
    this.coming = null;
    coming?.settle(isFilled);
  }
}

/** An answer on its way into `memory`. All of it is attacker-controlled. */
class ComingRange {
  readonly settle: (isFilled: boolean) => void;
  private readonly memory: Uint8Array;
  private readonly offset: number;
  /** Until the head is complete. */
  private head: string | null = "";
  private filled = 0;

  constructor(memory: Uint8Array, offset: number, settle: (isFilled: boolean) => void) {
    this.memory = memory;
    this.offset = offset;
    this.settle = settle;
  }

  take(piece: Buffer): "more" | "whole" | "strange" {
    let body = piece;
    if (this.head !== null) {
      const before = this.head.length;
      this.head += piece.subarray(0, HEAD_LIMIT_BYTES - before).toString("latin1");
      const end = this.head.indexOf(HEAD_END);
      if (end === -1) return this.head.length < HEAD_LIMIT_BYTES ? "more" : "strange";
      if (!isRangeHead(this.head.slice(0, end), this.offset, this.memory.length)) return "strange";
      body = piece.subarray(end + HEAD_END.length - before);
      this.head = null;
    }
    if (body.length > this.memory.length - this.filled) return "strange";
    this.memory.set(body, this.filled);
    this.filled += body.length;
    return this.filled === this.memory.length ? "whole" : "more";
  }
}

/** Whether the body that follows is exactly the range, byte for byte, and leaves the connection open. */
function isRangeHead(head: string, offset: number, length: number): boolean {
  const [status = "", ...lines] = head.split("\r\n");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined || fields.has(name.toLowerCase())) return false;
    fields.set(name.toLowerCase(), value);
  }
  return (
    /^HTTP\/1\.1 206(?: |$)/.test(status) &&
    fields.get("content-length") === `${length}` &&
    (fields.get("content-range") ?? "").startsWith(`bytes ${offset}-${offset + length - 1}/`) &&
    !fields.has("transfer-encoding") &&
    !fields.has("content-encoding") &&
    (fields.get("connection") ?? "keep-alive").toLowerCase() === "keep-alive"
  );
}
