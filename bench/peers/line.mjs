/**
 * A process of its own: a line of so many Mbit/s each way between a browser and a server, as a SOCKS5 proxy (RFC 1928, no authentication) on
 * loopback. `node line.mjs MBIT` prints its port.
 */
import { connect, createServer } from "node:net";

const BYTES_PER_MS = (Number(process.argv[2]) * 1e6) / 8 / 1000;
/** What may go ahead of its time: timers are no finer. */
const AHEAD_MS = 4;
/** Ethernet, IP and TCP around 1448 bytes of payload in a frame of 1500. */
const FRAMING = 1538 / 1448;
const [VERSION, CONNECT, IPV4, NAME] = [5, 1, 1, 3];

/** One way of the line; all connections share it. */
function way() {
  let freeAt = 0;
  return (from, to) => {
    from.on("data", (bytes) => {
      const now = performance.now();
      freeAt = Math.max(freeAt, now) + (bytes.length * FRAMING) / BYTES_PER_MS;
      const isTaken = to.write(bytes);
      const waitMs = freeAt - now - AHEAD_MS;
      if (isTaken && waitMs <= 0) return;
      from.pause();
      const go = () => (waitMs > 0 ? setTimeout(() => from.resume(), waitMs) : from.resume());
      if (isTaken) go();
      else to.once("drain", go);
    });
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  };
}
const [up, down] = [way(), way()];

createServer((browser) => {
  browser.on("error", () => browser.destroy());
  browser.once("data", () => {
    browser.write(Uint8Array.of(VERSION, 0));
    browser.once("data", (asked) => {
      const type = asked[3];
      if (asked[1] !== CONNECT || (type !== IPV4 && type !== NAME)) return browser.destroy();
      const end = type === IPV4 ? 8 : 5 + asked[4];
      const host = type === IPV4 ? asked.subarray(4, 8).join(".") : asked.toString("latin1", 5, end);
      // For a bench on this machine: it leads nowhere else.
      if (host !== "127.0.0.1" && host !== "localhost") return browser.destroy();
      const server = connect(asked.readUInt16BE(end), "127.0.0.1", () => {
        browser.write(Uint8Array.of(VERSION, 0, 0, IPV4, 0, 0, 0, 0, 0, 0));
        up(browser, server);
        down(server, browser);
      });
      server.on("error", () => browser.destroy());
    });
  });
}).listen(0, "127.0.0.1", function () {
  console.log(this.address().port);
});
