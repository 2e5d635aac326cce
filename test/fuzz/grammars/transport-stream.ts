import { nothing, rawPart, type Field, type Grammar, type Part } from "../part.js";

const packetBytes = 188;
const many = (first: number, step: 1 | 2, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index * step, step]);

/** Header, adaptation field, and the first bytes of what is carried: a table, or the header of a PES packet. */
const header: readonly Field[] = [[1, 2], [3, 1], [4, 1], [5, 1], ...many(6, 1, 24)];

/** Packets of an MPEG transport stream (ISO/IEC 13818-1); checksums of tables within one packet are corrected. */
export const transportStreamGrammar: Grammar = {
  name: "ts",
  littleEndian: false,
  recognises: (file) => file[0] === 0x47 && file[packetBytes] === 0x47 && file[2 * packetBytes] === 0x47,
  fields: { table: header, start: header, packet: header },
  types: ["table", "start", "packet"],
  parse(file) {
    const parts: Part[] = [];
    let at = 0;
    for (; at + packetBytes <= file.length; at += packetBytes) {
      const body = file.subarray(at, at + packetBytes);
      parts.push({ type: typeOf(body), head: nothing, body, children: null });
    }
    if (at < file.length) parts.push(rawPart(file.subarray(at)));
    return parts;
  },
  write: (parts) =>
    Buffer.concat(parts.map(({ type, body }) => (type === "table" ? fixChecksum(body) : body))),
};

function typeOf(packet: Buffer): string {
  const begins = ((packet[1] ?? 0) & 0x40) !== 0;
  if (!begins) return "packet";
  return sectionOf(packet) === null ? "start" : "table";
}

/** Finds a table of programs or of streams, without its checksum. */
function sectionOf(packet: Buffer): { readonly start: number; readonly end: number } | null {
  const hasAdaptation = ((packet[3] ?? 0) & 0x20) !== 0;
  const payload = hasAdaptation ? 5 + (packet[4] ?? 0) : 4;
  const start = payload + 1 + (packet[payload] ?? 0);
  if (start + 3 > packet.length || ![0, 2].includes(packet[start] ?? 255)) return null;
  const end = start + 3 + (packet.readUInt16BE(start + 1) & 0xfff) - 4;
  return end > start && end + 4 <= packet.length ? { start, end } : null;
}

function fixChecksum(body: Buffer): Buffer {
  const section = sectionOf(body);
  if (section === null) return body;
  const packet = Buffer.from(body);
  packet.writeUInt32BE(checksum(packet.subarray(section.start, section.end)), section.end);
  return packet;
}

/** CRC-32 with the polynomial 04c11db7, not reflected, beginning with ones. */
function checksum(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
