import { nothing, rawPart, type Field, type Grammar, type Part } from "../part.js";

const many = (first: number, step: 1 | 2, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index * step, step]);

/** Blocks of a GIF (89a): the screen with its colours, extensions, pictures; data in sub-blocks belongs to its block. */
export const gifGrammar: Grammar = {
  name: "gif",
  littleEndian: true,
  recognises: (file) => file.toString("latin1", 0, 4) === "GIF8",
  fields: {
    screen: [...many(6, 2, 2), ...many(10, 1, 3)],
    // Label, size, then for the control of a picture: flags, delay, see-through colour.
    extension: [[1, 1], [2, 1], [3, 1], [4, 2], [6, 1], ...many(14, 1, 6)],
    picture: [...many(1, 2, 4), [9, 1], [10, 1], [11, 1], [12, 1]],
  },
  types: ["screen", "extension", "picture", "end"],
  parse(file) {
    const screenEnd = 13 + coloursBytes(file[10] ?? 0);
    if (file.length < screenEnd) return [rawPart(file)];
    const parts: Part[] = [part("screen", file.subarray(0, screenEnd))];
    let at = screenEnd;
    while (at < file.length) {
      const end = blockEnd(file, at);
      if (end === null) break;
      parts.push(part(names[file[at] ?? 0] ?? "", file.subarray(at, end)));
      at = end;
    }
    if (at < file.length) parts.push(rawPart(file.subarray(at)));
    return parts;
  },
  write: (parts) => Buffer.concat(parts.map(({ body }) => body)),
};

const names: Readonly<Record<number, string>> = { 0x21: "extension", 0x2c: "picture", 0x3b: "end" };

function part(type: string, body: Buffer): Part {
  return { type, head: nothing, body, children: null };
}

function coloursBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function blockEnd(file: Buffer, at: number): number | null {
  if (file[at] === 0x3b) return at + 1;
  if (file[at] === 0x21) return dataEnd(file, at + 2);
  if (file[at] === 0x2c && at + 10 < file.length) {
    return dataEnd(file, at + 10 + coloursBytes(file[at + 9] ?? 0) + 1);
  }
  return null;
}

function dataEnd(file: Buffer, start: number): number | null {
  for (let at = start; at < file.length; at += 1 + (file[at] ?? 0)) if (file[at] === 0) return at + 1;
  return null;
}
