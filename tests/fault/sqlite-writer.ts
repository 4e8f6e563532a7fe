/** A process to be killed: commits one event after the other and prints each number after its commit. */
import { openSqlite } from "@safeconduct/sqlite";
import { anEvent } from "@safeconduct/testkit";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: sqlite-writer FILE");
const { store } = await openSqlite({ file });
for (;;) {
  const event = anEvent({ leaf: new Uint8Array(2000).fill(7) });
  const number = await store.transaction(async (tx) => {
    const given = await tx.addEvent(event);
    if (given % 5 === 0) await tx.sequenceEvents(100);
    return given;
  });
  // Synchronous to a pipe on POSIX: what was printed has left the process before the next commit begins.
  process.stdout.write(`${number} ${event.id}\n`);
}
