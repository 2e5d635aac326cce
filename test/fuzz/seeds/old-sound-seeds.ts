import type { SeedFile } from "./seed-file.js";

/** Sound codings without an encoder in which any bits are a sound, in containers written by hand. */
export function makeOldSoundSeeds(): SeedFile[] {
  return [
    seed("mace3.aiff", aiff("MAC3", 2400, bits(2, 800))),
    seed("mace6.aiff", aiff("MAC6", 2400, bits(3, 400))),
    seed("truespeech.wav", trueSpeech()),
    seed("tone.qoa", qoa()),
    seed("standard.dss", dss(0)),
    seed("long.dss", dss(2)),
    seed("qcelp.qcp", qcp("416d7f5e15b1d011ba9100805fb4b97e", [0, 3, 7, 16, 34])),
    seed("evrc.qcp", qcp("8dd489e67690b54691ef736a5100ceb4", [0, 2, 5, 10, 22])),
    seed("silence.ape", ape()),
  ];
}

function seed(name: string, bytes: Buffer): SeedFile {
  return { name, kind: `old-${name}`, bytes };
}

/** Bytes without order, always the same. */
function bits(start: number, count: number): Buffer {
  let state = start;
  return Buffer.from(
    Array.from({ length: count }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (state >> 16) & 255;
    }),
  );
}

function chunk(name: string, body: Buffer, isBig = false): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  if (isBig) head.writeUInt32BE(body.length, 4);
  else head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length & 1)]);
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

/** AIFF-C (Apple, 1991) of one channel at 8,000 samples a second. */
function aiff(coding: string, sampleCount: number, data: Buffer): Buffer {
  const common = Buffer.alloc(24);
  common.writeUInt16BE(1, 0);
  common.writeUInt32BE(sampleCount, 2);
  common.writeUInt16BE(8, 6);
  // 8,000 as an 80-bit float.
  common.write("400bfa00", 8, "hex");
  common.write(coding, 18, "latin1");
  const version = Buffer.from("a2805140", "hex");
  const body = [chunk("FVER", version, true), chunk("COMM", common, true)];
  const sound = chunk("SSND", Buffer.concat([Buffer.alloc(8), data]), true);
  return chunk("FORM", Buffer.concat([Buffer.from("AIFC"), ...body, sound]), true);
}

/** Frames of 32 bytes and 240 samples. */
function trueSpeech(): Buffer {
  const format = Buffer.concat([
    int16(0x22),
    int16(1),
    int32(8000),
    int32(1067),
    int16(32),
    int16(1),
    int16(32),
    Buffer.from([1, 0, 240, 0]),
    Buffer.alloc(28),
  ]);
  return chunk(
    "RIFF",
    Buffer.concat([Buffer.from("WAVE"), chunk("fmt ", format), chunk("data", bits(7, 32 * 20))]),
  );
}

/** One whole frame and the beginning of another (The QOA File Format, 2023). */
function qoa(): Buffer {
  const frame = (sampleCount: number, start: number): Buffer => {
    const slices = Math.ceil(sampleCount / 20);
    const head = Buffer.alloc(8);
    head.writeUInt32BE((1 << 24) | 16_000, 0);
    head.writeUInt16BE(sampleCount, 4);
    head.writeUInt16BE(8 + 16 + slices * 8, 6);
    return Buffer.concat([head, Buffer.alloc(16), bits(start, slices * 8)]);
  };
  const head = Buffer.alloc(8);
  head.write("qoaf");
  head.writeUInt32BE(5120 + 400, 4);
  return Buffer.concat([head, frame(5120, 11), frame(400, 12)]);
}

/** Two header blocks, then blocks of 512 bytes; the coding is a byte of the second (as FFmpeg's dss.c reads them). */
function dss(coding: 0 | 2): Buffer {
  const blockBytes = 512;
  const head = Buffer.alloc(2 * blockBytes);
  head.write("\x02dss", "latin1");
  head.write("200401020304052004010203040500", 38, "latin1");
  head[0x2a4] = coding;
  const blocks = Array.from({ length: 8 }, (_, index) => {
    const block = bits(20 + index, blockBytes);
    block.set([0, 0, 7, 0, 0, 0]);
    // 6.3 kbit/s: the two lowest bits of a G.723.1 frame's first byte.
    if (coding === 2) for (let at = 6; at < blockBytes; at += 24) block[at] = (block[at] as number) & 0xfc;
    return block;
  });
  return Buffer.concat([head, ...blocks]);
}

/**
 * RFC 3625: the first byte of each frame is its rate.
 *
 * @param guid of the coding, hex
 * @param rateBytes what a frame of each rate takes
 */
function qcp(guid: string, rateBytes: readonly number[]): Buffer {
  const rate = rateBytes.length - 1;
  const frameBytes = rateBytes[rate] ?? 0;
  const rates = rateBytes.map((size, mode) => Buffer.from([size, mode]));
  const format = Buffer.concat([
    Buffer.from([1, 0]),
    Buffer.from(guid, "hex"),
    int16(2),
    Buffer.alloc(80),
    int16(13_000),
    int16(frameBytes + 1),
    int16(160),
    int16(8000),
    int16(16),
    int32(rates.length),
    ...rates,
    Buffer.alloc(6 + 20),
  ]);
  const frames = Array.from({ length: 20 }, (_, index) => {
    const frame = bits(index + 40, frameBytes);
    return Buffer.concat([Buffer.from([rate]), frame]);
  });
  const variable = Buffer.concat([int32(1), int32(frames.length)]);
  const body = [chunk("fmt ", format), chunk("vrat", variable), chunk("data", Buffer.concat(frames))];
  return chunk("RIFF", Buffer.concat([Buffer.from("QLCM"), ...body]));
}

/** Monkey's Audio 3.99, fast, one channel: a descriptor, a header, where the frame is, and the frame. */
function ape(): Buffer {
  const sampleCount = 9600;
  // Most bits are no sound to its range decoder; zeros are, and mutations put others among them.
  const frame = Buffer.alloc(4000);
  const descriptor = Buffer.alloc(52);
  descriptor.write("MAC ");
  descriptor.writeUInt16LE(3990, 4);
  for (const [at, value] of [
    [8, 52],
    [12, 24],
    [16, 4],
    [24, frame.length],
  ] as const) {
    descriptor.writeUInt32LE(value, at);
  }
  const header = Buffer.concat([
    int16(1000),
    int16(0),
    int32(73_728),
    int32(sampleCount),
    int32(1),
    int16(16),
    int16(1),
    int32(16_000),
  ]);
  return Buffer.concat([descriptor, header, int32(52 + 24 + 4), frame]);
}
