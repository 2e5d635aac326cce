import { box, uint16, uint32, uint8, zeros } from "../../../dist/mp4/write-boxes.js";
import { writeMp4 } from "../../../dist/mp4/write-mp4.js";

/** A stream of one channel or two; the value of each at a time in seconds. */
export type Substream = readonly ((time: number) => number)[];

export interface IamfElement {
  /** After the parameters: a layout of channels, or the order of a sphere (IAMF 1.1, 3.6.2 and 3.6.3). */
  readonly configuration: Uint8Array;
  readonly isAmbisonic?: boolean;
  readonly substreams: readonly Substream[];
  /** The gain of the mix in dB. */
  readonly gainDb?: number;
}

const rate = 48_000;
const frameSamples = 960;
const types = { codec: 0, element: 1, mix: 2, frame: 6, sequence: 31 } as const;

/** Writes an MP4 with immersive sound (IAMF) in uncompressed substreams of 16 bits. */
export async function writeIamf(
  path: string,
  elements: readonly IamfElement[],
  seconds: number,
): Promise<void> {
  const substreams = elements.flatMap((element) => element.substreams);
  const units = Array.from({ length: Math.round((seconds * rate) / frameSamples) }, (_, unit) =>
    Buffer.concat(substreams.map((substream, id) => obu(types.frame + id, pcm(substream, unit)))),
  );
  const track = {
    kind: "sound" as const,
    sampleEntry: sampleEntry(elements),
    sizes: Uint32Array.from(units, ({ length }) => length),
    durations: new Uint32Array(units.length).fill(frameSamples),
    compositionOffsets: null,
    keySamples: null,
    startTicks: 0,
    place: { width: 0, height: 0, y: 0 },
    read: async (first: number, count: number) => Buffer.concat(units.slice(first, first + count)),
  };
  const movie = { durationTicks: seconds * rate, title: null, date: null, chapters: [] };
  await writeMp4(path, movie, [track], [{ track: 0, firstSample: 0, sampleCount: units.length }]);
}

/** A layout of loudspeakers in one layer; further bytes are its output gain. */
export function layer(
  layout: number,
  substreams: number,
  pairs: number,
  ...outputGain: readonly number[]
): Buffer {
  return uint8(1 << 5, (layout << 4) | (outputGain.length > 0 ? 8 : 0), substreams, pairs, ...outputGain);
}

function sampleEntry(elements: readonly IamfElement[]): Buffer {
  let firstId = 0;
  const descriptions = elements.map((element, index) => {
    const described = elementObu(index + 1, element, firstId);
    firstId += element.substreams.length;
    return described;
  });
  const sequence = obu(types.sequence, Buffer.from("iamf"), uint8(1, 1));
  const codec = obu(
    types.codec,
    uint8(0),
    Buffer.from("ipcm"),
    leb(frameSamples),
    uint16(0),
    uint8(1, 16),
    uint32(rate),
  );
  const descriptors = Buffer.concat([sequence, codec, ...descriptions, mixObu(elements)]);
  const fixed = [zeros(6), uint16(1), zeros(8), uint16(0, 16, 0, 0), uint32(0)];
  return box("iamf", ...fixed, box("iacb", uint8(1), leb(descriptors.length), descriptors));
}

function elementObu(
  id: number,
  { configuration, isAmbisonic, substreams }: IamfElement,
  firstId: number,
): Buffer {
  const ids = substreams.map((_, index) => leb(firstId + index));
  // A demixing parameter in fixed blocks, as encoders of channels write it: to be skipped.
  const demixing = Buffer.concat([
    leb(1),
    leb(7),
    leb(rate),
    uint8(0),
    leb(frameSamples),
    leb(frameSamples),
    uint8(0, 0),
  ]);
  const parameters = isAmbisonic === true ? [leb(0)] : [leb(1), demixing];
  return obu(
    types.element,
    leb(id),
    uint8(isAmbisonic === true ? 1 << 5 : 0),
    leb(0),
    leb(ids.length),
    ...ids,
    ...parameters,
    configuration,
  );
}

function mixObu(elements: readonly IamfElement[]): Buffer {
  const text = (words: string): Buffer => Buffer.from(`${words}\0`);
  const gain = (id: number, gainDb: number): Buffer =>
    Buffer.concat([leb(id), leb(rate), uint8(0x80), int16(gainDb * 256)]);
  const mixed = elements.map(({ gainDb = 0 }, index) =>
    Buffer.concat([leb(index + 1), text("element"), uint8(0), leb(0), gain(100 + index, gainDb)]),
  );
  const loudness = Buffer.concat([leb(1), uint8(0x80), uint8(0), uint16(0, 0)]);
  return obu(
    types.mix,
    leb(9),
    leb(1),
    text("en-gb"),
    text("Mix"),
    leb(1),
    leb(elements.length),
    ...mixed,
    gain(99, 0),
    loudness,
  );
}

function obu(type: number, ...content: readonly Uint8Array[]): Buffer {
  const inside = Buffer.concat(content);
  return Buffer.concat([uint8(type << 3), leb(inside.length), inside]);
}

function pcm(substream: Substream, unit: number): Buffer {
  const bytes = Buffer.alloc(2 * frameSamples * substream.length);
  for (let sample = 0; sample < frameSamples; sample++) {
    for (const [channel, value] of substream.entries()) {
      const time = (unit * frameSamples + sample) / rate;
      bytes.writeInt16LE(Math.round(32_767 * value(time)), 2 * (sample * substream.length + channel));
    }
  }
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(Math.round(value));
  return bytes;
}

/** Seven bits a byte, the lowest first. */
function leb(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return uint8(...bytes);
}
