import { createSocket } from "node:dgram";

/**
 * A DNS server over UDP that answers what a test says, also differently the second time.
 *
 * @param answers by name: lists of addresses, the first for the first question of a type (A, AAAA), the last for all
 *   later ones; a list may be `"SERVFAIL"` or `"NXDOMAIN"`, an entry of it `cname:other.name`. Names that are not
 *   there do not exist.
 * @param port 53 where the system's resolver is to ask it
 */
export async function openDnsServer(answers, port = 0) {
  const asked = new Map();
  const questions = [];
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const { name, type, end } = readQuestion(message);
    const key = `${type} ${name}`;
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    questions.push(key);
    const rounds = answers[name];
    const said = rounds?.[Math.min(count, rounds.length - 1)] ?? "NXDOMAIN";
    socket.send(writeReply(message.subarray(0, end), type, said, answers), from.port, from.address);
  });
  await new Promise((resolve) => socket.bind(port, "127.0.0.1", resolve));
  return { port: socket.address().port, questions, close: () => socket.close() };
}

function readQuestion(message) {
  const labels = [];
  let at = 12;
  for (let length = message[at]; length !== 0; length = message[at]) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = message.readUInt16BE(at + 1);
  return { name: labels.join(".").toLowerCase(), type: type === 28 ? "AAAA" : "A", end: at + 5 };
}

function writeReply(question, type, said, answers) {
  const code = said === "SERVFAIL" ? 2 : said === "NXDOMAIN" ? 3 : 0;
  const records = code === 0 ? said.flatMap((entry) => recordsOf(entry, type, answers)) : [];
  const reply = Buffer.from(question);
  reply.writeUInt16BE(0x8180 | code, 2);
  reply.writeUInt16BE(records.length, 6);
  reply.writeUInt16BE(0, 8);
  reply.writeUInt16BE(0, 10);
  return Buffer.concat([reply, ...records]);
}

function recordsOf(entry, type, answers) {
  if (entry.startsWith("cname:")) {
    const target = entry.slice(6);
    const addresses = answers[target]?.[0] ?? [];
    return [
      record(undefined, 5, encodeName(target)),
      ...addresses.flatMap((address) => addressRecord(target, address, type)),
    ];
  }
  return addressRecord(undefined, entry, type);
}

function addressRecord(owner, address, type) {
  if (address.includes(":") !== (type === "AAAA")) return [];
  return [record(owner, type === "AAAA" ? 28 : 1, encodeAddress(address))];
}

/** @param owner default: the requested name */
function record(owner, type, data) {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner === undefined ? Buffer.from([0xc0, 12]) : encodeName(owner), head, data]);
}

function encodeName(name) {
  const labels = name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function encodeAddress(address) {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  // The parser of URLs writes what is mapped or wrapped as numbers.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [front, back] = plain.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const groups =
    back === undefined ? front : [...front, ...Array(8 - front.length - back.length).fill("0"), ...back];
  return Buffer.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]));
}
