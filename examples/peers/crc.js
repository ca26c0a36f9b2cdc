// What both sides compare of long messages, and what both sides make them of. No module, so that a page can load it.
globalThis.crc32 = (() => {
  const table = new Int32Array(256).map((_, i) => {
    for (let bit = 0; bit < 8; bit++) i = (i >>> 1) ^ (i & 1 ? 0xedb88320 : 0);
    return i;
  });
  return (bytes) => {
    let crc = -1;
    for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 255];
    return (crc ^ -1) >>> 0;
  };
})();

globalThis.pattern = (text, length) => {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = text ? 97 + ((i * 7 + (i >> 9)) % 26) : i * 7 + (i >> 9);
  return bytes;
};
