// The server of the package ws, for our client. What it does depends on the path; see NpmWsServerTest.
import { WebSocketServer } from "ws";
import { createServer } from "node:http";

const http = createServer((request, response) => response.writeHead(404).end("no page here"));
const servers = {
  plain: new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: choose }),
  deflate: new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } }),
  "deflate-forgetful": new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
  }),
  "deflate-small": new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  }),
};

function choose(protocols) {
  return protocols.has("chat.v2") ? "chat.v2" : false;
}

function serve(socket, path) {
  socket.on("error", () => {});
  if (path === "/pinging") {
    socket.ping("are you there");
    socket.on("pong", (data) => socket.send("pong " + data));
  } else if (path === "/fragments") {
    socket.send("one ", { fin: false });
    socket.send("two ", { fin: false });
    socket.send("three", { fin: true });
  } else if (path === "/closing") {
    socket.close(4002, "said so");
  } else if (path === "/telling") {
    socket.on("close", (code, reason) => process.stdout.write(`closed ${code} ${reason}\n`));
  } else if (path === "/aborting") {
    socket.terminate();
  } else {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  }
}

http.on("upgrade", (request, socket, head) => {
  const path = request.url.split("?")[0];
  if (path === "/refused") {
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nConnection: close\r\n\r\ngo away");
    return;
  }
  const server = servers[path.slice(1)] ?? servers.plain;
  server.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, path));
});
http.listen(0, "127.0.0.1", () => process.stdout.write(`listening ${http.address().port}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
