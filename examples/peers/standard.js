// Drives WebSockets as the standard's interface has them: that of a browser, and the one that Node has built in.
// A command is "id verb argument ..."; what happens is reported as "id what ...". Texts travel as encodeURIComponent.
globalThis.standardPeer = (report) => {
  const sockets = new Map();
  const encoder = new TextEncoder();
  const told = (id, kind, bytes, text) =>
    report(`${id} ${kind} ${bytes.length} ${crc32(bytes)} ${bytes.length > 1000 ? "-" : encodeURIComponent(text)}`);
  const open = (id, url, protocols) => {
    const socket = protocols === "-" ? new WebSocket(url) : new WebSocket(url, protocols.split(","));
    let opened = false;
    let refused = false;
    const refuse = () => { // some fire one of the two events, some both
      if (!opened && !refused) report(`${id} refused 0 0 -`);
      refused = !opened;
    };
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opened = true;
      report(`${id} opened 0 0 ${encodeURIComponent(socket.protocol + ";" + socket.extensions)}`);
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") told(id, "text", encoder.encode(data), data);
      else told(id, "binary", new Uint8Array(data), "-");
    };
    socket.onerror = refuse;
    socket.onclose = (end) => {
      refuse();
      if (opened) report(`${id} closed ${end.code} ${end.wasClean ? 1 : 0} ${encodeURIComponent(end.reason)}`);
    };
    sockets.set(id, socket);
  };
  return (line) => {
    const [id, verb, a, b] = line.split(" ");
    const socket = sockets.get(id);
    switch (verb) {
      case "open": open(id, a, b); break;
      case "text": socket.send(decodeURIComponent(a)); break;
      case "fill": {
        const bytes = pattern(a === "text", +b);
        socket.send(a === "text" ? new TextDecoder().decode(bytes) : bytes);
        break;
      }
      case "close": a === "-" ? socket.close() : socket.close(+a, decodeURIComponent(b)); break;
      default: throw new Error(`unknown command: ${line}`);
    }
  };
};
