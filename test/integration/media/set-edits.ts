import { readFile, writeFile } from "node:fs/promises";

/** A stretch as an edit list has it: seconds of the movie, seconds of the media (null: nothing is played), and a rate. */
export type TestEdit = readonly [seconds: number, mediaSeconds: number | null, rate: number];

/**
 * Gives the tracks of an MP4 whose index stands at its end other edit lists (ISO/IEC 14496-12, 8.6.6), one for each
 * kind of track.
 */
export async function setEdits(
  path: string,
  edits: { readonly vide?: readonly TestEdit[]; readonly soun?: readonly TestEdit[] },
): Promise<void> {
  const file = await readFile(path);
  const top = boxes(file);
  const movie = top.at(-1);
  if (movie?.type !== "moov") throw new Error("the index does not stand at the end");
  const ticksPerSecond = find(movie.content, "mvhd").readUInt32BE(12);
  const tracks = boxes(movie.content).map(({ type, content }) => {
    if (type !== "trak") return box(type, content);
    const media = find(content, "mdia");
    const kind = find(media, "hdlr").toString("latin1", 8, 12);
    const list = kind === "vide" ? edits.vide : edits.soun;
    if (list === undefined) return box(type, content);
    const mediaTicks = find(media, "mdhd").readUInt32BE(12);
    const own = box("edts", editList(list, ticksPerSecond, mediaTicks));
    const others = boxes(content).filter((child) => child.type !== "edts");
    return box("trak", ...others.map((child) => box(child.type, child.content)), own);
  });
  const before = file.subarray(0, file.length - movie.content.length - 8);
  await writeFile(path, Buffer.concat([before, box("moov", ...tracks)]));
}

function editList(list: readonly TestEdit[], ticksPerSecond: number, mediaTicks: number): Buffer {
  const entries = list.map(([seconds, mediaSeconds, rate]) => {
    const entry = Buffer.alloc(12);
    entry.writeUInt32BE(Math.round(seconds * ticksPerSecond), 0);
    entry.writeInt32BE(mediaSeconds === null ? -1 : Math.round(mediaSeconds * mediaTicks), 4);
    entry.writeInt32BE(Math.round(rate * 65_536), 8);
    return entry;
  });
  const head = Buffer.alloc(8);
  head.writeUInt32BE(list.length, 4);
  return box("elst", head, ...entries);
}

interface Box {
  readonly type: string;
  readonly content: Buffer;
}

function boxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt32BE(at)) {
    found.push({
      type: bytes.toString("latin1", at + 4, at + 8),
      content: bytes.subarray(at + 8, at + bytes.readUInt32BE(at)),
    });
  }
  return found;
}

function find(bytes: Buffer, type: string): Buffer {
  const found = boxes(bytes).find((child) => child.type === type);
  if (found === undefined) throw new Error(`no box ${type}`);
  return found.content;
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
  head.write(type, 4, "latin1");
  return Buffer.concat([head, ...content]);
}
