import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { crc32, deflateSync } from "node:zlib";

import sharp from "sharp";

import { writeSampleClip } from "../integration/media/sample-clip.js";
import { waveHeader } from "../wave-file.js";

/** A file that a hostile contributor or a broken phone may send. */
export interface HostileFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** Shown all the same: what is bad about it is only in the way. */
  readonly isShown?: true;
}

const secretFile = "/etc/passwd";

/**
 * One file of each kind: files that connect to an address or into the machine's own files, that promise more than any
 * memory holds, that are cut off, or are something else than they say.
 * @param canary the address of a server that must never be asked
 * @param folder for what has to be written to be made
 */
export async function makeHostileFiles(canary: string, folder: string): Promise<readonly HostileFile[]> {
  const raw = { width: 400, height: 300, channels: 3 } as const;
  const noise = await sharp(randomBytes(raw.width * raw.height * raw.channels), { raw })
    .jpeg()
    .toBuffer();
  const clipPath = path.join(folder, "clip.mp4");
  await writeSampleClip(clipPath, { frameCount: 45, middle: () => 120, toneFromFrame: 0 });
  const clip = await readFile(clipPath);
  const playlist = (target: string): string =>
    `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n${target}\n#EXT-X-ENDLIST\n`;
  const texts: Readonly<Record<string, string>> = {
    "remote.svg": `<svg xmlns="http://www.w3.org/2000/svg"><image href="${canary}/a.png"/><script href="${canary}/a.js"/></svg>`,
    "entity.svg": `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://${secretFile}">]><svg><text>&x;</text></svg>`,
    "playlist.jpg": playlist(`${canary}/segment.ts`),
    "playlist.mp4": playlist(`file://${secretFile}`),
    "concat.mp3": `ffconcat version 1.0\nfile ${secretFile}\nfile ${canary}/a.mp3\n`,
    "dash.mp4": `<?xml version="1.0"?><MPD><Period><BaseURL>${canary}/</BaseURL></Period></MPD>`,
    "plain.mpd": `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${canary}/</BaseURL></MPD>`,
    "session.sdp": `v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 49170 RTP/AVP 0\n`,
    "page.jpg": `<!doctype html><img src="${canary}/a.png">`,
    "words.jpg": "These are words, not a picture.\n",
    "document.png": "%PDF-1.7\n1 0 obj <</URI (http://127.0.0.1/)>>\n",
    "script.mp3": `#!/bin/sh\ncurl ${canary}/\n`,
    "filter.mp4": `movie=${secretFile},drawtext=textfile=${secretFile}\n`,
  };
  return [
    ...Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    { name: "empty.jpg", bytes: Buffer.alloc(0) },
    { name: "one-byte.mp4", bytes: Buffer.from("A") },
    { name: "zeros.mp3", bytes: Buffer.alloc(100_000) },
    { name: "half.jpg", bytes: noise.subarray(0, noise.length / 2) },
    { name: "half.mp4", bytes: clip.subarray(0, clip.length / 2) },
    { name: "no-index.mp4", bytes: Buffer.from(clip.toString("latin1").replace("moov", "moox"), "latin1") },
    { name: "protected.mp4", bytes: scrambled(clip) },
    { name: "bomb.png", bytes: png(65_536, 65_536, deflateSync(Buffer.alloc(1_000_000))) },
    {
      name: "words-bomb.png",
      bytes: png(1, 1, deflateSync(Buffer.from([0, 0, 0, 0])), deflateSync(Buffer.alloc(60_000_000))),
    },
    { name: "bomb.bmp", bytes: bitmap(3_000_000, 2_000_000) },
    {
      name: "bomb.gif",
      bytes: Buffer.concat([
        Buffer.from("GIF89a"),
        Buffer.from("ffffffff0000002c00000000ffffffff0002", "hex"),
      ]),
    },
    { name: "header.wav", bytes: wave(0) },
    { name: "two-hours.wav", bytes: wave(2 * 3600 * 192_000) },
    { name: "subtitle.avi", bytes: videoWithPlaylist(playlist(`file://${secretFile}`)) },
    { name: "subtitle-far.avi", bytes: videoWithPlaylist(playlist(`${canary}/segment.ts`)) },
    { name: "far.mp4", bytes: withFarMedia(clip, `${canary}/media.mp4`), isShown: true },
    {
      name: "archive-behind.jpg",
      bytes: Buffer.concat([noise, Buffer.from(`PK\u0003\u0004${canary}`, "latin1")]),
      isShown: true,
    },
    { name: "long.mp4", bytes: withDuration(clip, 0xff_ff_ff_f0), isShown: true },
  ];
}

function png(width: number, height: number, pixels: Buffer, words?: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const comment =
    words === undefined ? [] : [chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0"), words]))];
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    ...comment,
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function bitmap(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(154);
  bytes.write("BM");
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

/** Writes a header for 48,000 Hz stereo without the announced sound. */
function wave(promisedBytes: number): Buffer {
  return waveHeader(promisedBytes, { sampleRate: 48_000, channelCount: 2 });
}

/** Writes an attack that was used against FFmpeg: a subtitle stream whose subtitles are a playlist. */
function videoWithPlaylist(playlist: string): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(data.length);
    return Buffer.concat([Buffer.from(type), size, data, Buffer.alloc(data.length % 2)]);
  };
  const list = (type: string, ...parts: readonly Buffer[]): Buffer =>
    chunk("LIST", Buffer.concat([Buffer.from(type), ...parts]));
  const header = Buffer.alloc(56);
  header.writeUInt32LE(1, 24);
  const stream = Buffer.alloc(56);
  stream.write("txts");
  stream.writeUInt32LE(1, 20);
  stream.writeUInt32LE(1, 24);
  const text = Buffer.from(playlist);
  const subtitles = Buffer.alloc(17 + text.length);
  subtitles.write("GAB2\0");
  subtitles.writeUInt16LE(2, 5);
  subtitles.writeUInt16LE(4, 11);
  subtitles.writeUInt32LE(text.length, 13);
  text.copy(subtitles, 17);
  const streams = list(
    "hdrl",
    chunk("avih", header),
    list("strl", chunk("strh", stream), chunk("strf", Buffer.alloc(0))),
  );
  const body = Buffer.concat([Buffer.from("AVI "), streams, list("movi", chunk("00tx", subtitles))]);
  return chunk("RIFF", body);
}

/** Writes a clip whose samples are in another file, at an address: the `dref` box of QuickTime. */
function withFarMedia(clip: Buffer, address: string): Buffer {
  const text = clip.toString("latin1");
  const at = text.indexOf("url \0\0\0\u0001", text.indexOf("dref"));
  if (at === -1) throw new Error("the clip has no reference to its own media");
  const bytes = Buffer.from(clip);
  // The flag that says: in this same file. The address would stand behind it; there is no room, so the name is it.
  bytes.writeUInt32BE(0, at + 4);
  return Buffer.concat([bytes, Buffer.from(`\0\0\0\u0020free${address}`, "latin1")]);
}

/** Writes a file like those that a shop protects: marked as protected, and unreadable without its key. */
function scrambled(clip: Buffer): Buffer {
  const text = clip.toString("latin1");
  const named = text.replace(/avc1(?=\0{6})/, "encv").replace(/mp4a(?=\0{6})/, "enca");
  const bytes = Buffer.from(named, "latin1");
  const media = text.indexOf("mdat");
  const end = media - 4 + bytes.readUInt32BE(media - 4);
  for (let index = media + 4; index < end; index += 1) bytes.writeUInt8(bytes.readUInt8(index) ^ 0xa5, index);
  return bytes;
}

function withDuration(clip: Buffer, ticks: number): Buffer {
  const bytes = Buffer.from(clip);
  const at = bytes.indexOf("mvhd");
  bytes.writeUInt32BE(ticks, at + 20);
  return bytes;
}
