/**
 * A process of its own: a bare server that takes files as they are and gives them back, for a page with two buttons. It does for each part
 * what ours does: SHA-256 while it arrives, a file that is flushed before the answer. `node plain-server.mjs FOLDER` prints its port.
 */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const [folder = "."] = process.argv.slice(2);
/** As many and as large as the Send page has on their way. */
const LANES = 4;
const PART_BYTES = 8 * 1024 * 1024;

const PAGE = `<!doctype html><title>plain</title><input id="file" type="file"><button id="up">Upload</button>
<button id="down">Download</button><p id="state">ready</p><script>
document.querySelector("#up").onclick = async () => {
  const [file] = document.querySelector("#file").files;
  let next = 0;
  const lane = async () => {
    for (let part = next++; part * ${PART_BYTES} < file.size; part = next++) {
      const body = file.slice(part * ${PART_BYTES}, (part + 1) * ${PART_BYTES});
      const answer = await fetch("/parts/" + part, { method: "PUT", body });
      if (!answer.ok) throw new Error("refused");
      await answer.text();
    }
  };
  await Promise.all(Array.from({ length: ${LANES} }, lane));
  document.querySelector("#state").textContent = "arrived";
};
document.querySelector("#down").onclick = () => {
  const frame = document.createElement("iframe");
  frame.src = "/file";
  document.body.append(frame);
  document.querySelector("#state").textContent = "asked for";
};</script>`;

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

async function answer(request, response) {
  if (request.method === "PUT") {
    const path = join(folder, request.url.replace(/[^0-9]/gu, ""));
    const [hash, file] = [createHash("sha256"), await open(`${path}.part`, "w")];
    for await (const piece of request) {
      hash.update(piece);
      await file.writeFile(piece);
    }
    await file.sync();
    await file.close();
    await rename(`${path}.part`, path);
    response.end(hash.digest("hex"));
  } else if (request.url === "/file") {
    const path = join(folder, "plain.bin");
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": statSync(path).size,
      "content-disposition": "attachment; filename=plain.bin",
    });
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), response);
  } else {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(PAGE);
  }
}
