// A client that a Java test drives by lines on standard input: peer.mjs ws | node | browser PATH PAGE
import readline from "node:readline";
import "./crc.js";
import "./standard.js";

const report = (line) => process.stdout.write(line + "\n");
const [kind, path, page] = process.argv.slice(2);

const wsPeer = async () => {
  const { WebSocket } = await import("ws");
  const sockets = new Map();
  const told = (id, what, bytes) =>
    report(`${id} ${what} ${bytes.length} ${crc32(bytes)} ` +
      (bytes.length > 1000 || what === "binary" ? "-" : encodeURIComponent(bytes.toString())));
  const open = (id, url, protocols, compressed) => {
    const socket = new WebSocket(url, protocols === "-" ? [] : protocols.split(","), {
      perMessageDeflate: compressed === "1" ? { threshold: 0 } : false,
      maxPayload: 0,
    });
    let refused = false;
    socket.on("open", () => report(`${id} opened 0 0 ${encodeURIComponent(socket.protocol + ";" + socket.extensions)}`));
    socket.on("message", (data, binary) => told(id, binary ? "binary" : "text", data));
    socket.on("ping", (data) => told(id, "ping", data));
    socket.on("pong", (data) => told(id, "pong", data));
    socket.on("unexpected-response", (request, response) => {
      refused = true;
      report(`${id} refused ${response.statusCode} 0 -`);
      request.destroy();
    });
    socket.on("error", (error) => process.stderr.write(`${id}: ${error.message}\n`));
    socket.on("close", (code, reason) => {
      if (!refused) report(`${id} closed ${code} 1 ${encodeURIComponent(reason.toString())}`);
    });
    sockets.set(id, socket);
  };
  return (line) => {
    const [id, verb, a, b, c] = line.split(" ");
    const socket = sockets.get(id);
    switch (verb) {
      case "open": open(id, a, b, c); break;
      case "text": socket.send(decodeURIComponent(a)); break;
      case "fill": socket.send(pattern(a === "text", +b), { binary: a !== "text" }); break;
      case "fragment": socket.send(decodeURIComponent(a), { fin: b === "1", binary: false }); break;
      case "ping": socket.ping(decodeURIComponent(a)); break;
      case "pong": socket.pong(decodeURIComponent(a)); break;
      case "close": a === "-" ? socket.close() : socket.close(+a, decodeURIComponent(b)); break;
      default: throw new Error(`unknown command: ${line}`);
    }
  };
};

let ended = () => process.exit(0);

const browserPeer = async () => {
  const { launch } = await import("./browser.mjs");
  const browser = await launch(path);
  ended = async () => { await browser.close(); process.exit(0); };
  const tab = await browser.newPage();
  await tab.goto(page);
  await tab.exposeFunction("report", report);
  for (const file of ["crc.js", "standard.js"]) {
    await tab.addScriptTag({ path: new URL(file, import.meta.url).pathname });
  }
  await tab.evaluate(() => { globalThis.command = standardPeer(globalThis.report); });
  return (line) => tab.evaluate((each) => command(each), line);
};

const peers = { ws: wsPeer, node: async () => standardPeer(report), browser: browserPeer };
const command = await peers[kind]();
report("0 ready 0 0 -");
const input = readline.createInterface({ input: process.stdin });
for await (const line of input) await command(line);
await ended();
