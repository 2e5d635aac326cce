import { ambisonicMatrix, type ChannelMatrix } from "./channel-matrix.js";

/** A stream of one or two channels, and their positions. */
export interface IamfSubstream {
  /** Index among all substreams of the file, in the order of its description. FFmpeg's streams have the same order. */
  readonly place: number;
  readonly matrix: ChannelMatrix;
}

type Side = readonly [left: number, right: number];

const half = Math.SQRT1_2;
const front: readonly Side[] = [[1, 0], [0, 1]]; // prettier-ignore
const around: readonly Side[] = [[half, 0], [0, half]]; // prettier-ignore
const centre: Side = [half, half];
/** The channel of low effects, which a mix to stereo leaves out. */
const lowEffects: Side = [0, 0];

/**
 * The channels of each loudspeaker layout (IAMF 1.1, 3.6.2), in the order of their substreams: pairs first (front,
 * around, above), then the centre and low effects. Gains are those of ITU-R BS.775 for a mix to stereo.
 */
const layouts: readonly (readonly Side[])[] = [
  [[1, 1]],
  front,
  [...front, ...around, centre, lowEffects],
  [...front, ...around, ...around, centre, lowEffects],
  [...front, ...around, ...around, ...around, centre, lowEffects],
  [...front, ...around, ...around, centre, lowEffects],
  [...front, ...around, ...around, ...around, centre, lowEffects],
  [...front, ...around, ...around, ...around, ...around, centre, lowEffects],
  [...front, ...around, centre, lowEffects],
];

const obuTypes = { audioElement: 1, mixPresentation: 2 } as const;

/**
 * Reads how the substreams of immersive sound (IAMF, "Eclipsa") are mixed to stereo. The mix uses the first layer of each
 * audio element of the first mix; by the rules of scalable channel audio, that layer is a mix of all further ones.
 *
 * @param configuration content of an `iacb` box: version, then the descriptors
 * @returns null when it cannot be read
 */
export function readIamf(configuration: Uint8Array): IamfSubstream[] | null {
  try {
    return mixOf(Buffer.from(configuration));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function mixOf(bytes: Buffer): IamfSubstream[] {
  const outer = createReader(bytes);
  outer.byte();
  outer.leb();
  const elements = new Map<number, IamfSubstream[]>();
  let gains: ReadonlyMap<number, number> | null = null;
  let substreamCount = 0;
  while (outer.left() > 0) {
    const { type, content } = readUnit(outer);
    if (type === obuTypes.audioElement) {
      const element = readElement(createReader(content), substreamCount);
      elements.set(element.id, element.substreams);
      substreamCount += element.substreamCount;
    }
    if (type === obuTypes.mixPresentation) gains ??= readGains(createReader(content));
  }
  return [...elements].flatMap(([id, substreams]) => {
    const gain = gains === null ? 1 : gains.get(id);
    if (gain === undefined) return [];
    return substreams.map(({ place, matrix }) => ({
      place,
      matrix: matrix.map(([left, right]) => [gain * left, gain * right] as const),
    }));
  });
}

interface Reader {
  byte(): number;
  /** Reads an unsigned number of seven bits per byte, the lowest first. */
  leb(): number;
  signed16(): number;
  bytes(count: number): Buffer;
  skipText(): void;
  left(): number;
}

function createReader(bytes: Buffer): Reader {
  let at = 0;
  const byte = (): number => bytes.readUInt8(at++);
  return {
    byte,
    leb() {
      let value = 0;
      for (let index = 0; index < 8; index++) {
        const next = byte();
        value += (next & 0x7f) * 2 ** (7 * index);
        if (next < 0x80) return value;
      }
      throw new RangeError("A number is too long.");
    },
    signed16: () => ((at += 2), bytes.readInt16BE(at - 2)),
    bytes(count) {
      if (count > bytes.length - at) throw new RangeError("A description ends too soon.");
      at += count;
      return bytes.subarray(at - count, at);
    },
    skipText() {
      while (byte() !== 0);
    },
    left: () => bytes.length - at,
  };
}

/** Reads an OBU (IAMF 1.1, 3.2). */
function readUnit(outer: Reader): { type: number; content: Buffer } {
  const head = outer.byte();
  const reader = createReader(outer.bytes(outer.leb()));
  if ((head & 2) !== 0) {
    reader.leb();
    reader.leb();
  }
  if ((head & 1) !== 0) reader.bytes(reader.leb());
  return { type: head >> 3, content: reader.bytes(reader.left()) };
}

interface Element {
  readonly id: number;
  readonly substreamCount: number;
  /** The substreams that are mixed. */
  readonly substreams: IamfSubstream[];
}

/** Reads an audio element (IAMF 1.1, 3.6). */
function readElement(reader: Reader, firstPlace: number): Element {
  const id = reader.leb();
  const kind = reader.byte() >> 5;
  reader.leb();
  const substreamCount = reader.leb();
  for (let index = 0; index < substreamCount; index++) reader.leb();
  const parameterCount = reader.leb();
  for (let index = 0; index < parameterCount; index++) skipParameter(reader);
  const matrices = kind === 0 ? readFirstLayer(reader) : readAmbisonics(reader, kind);
  if (matrices.length > substreamCount) throw new RangeError("A layer has more substreams than there are.");
  const substreams = matrices.map((matrix, index) => ({ place: firstPlace + index, matrix }));
  return { id, substreamCount, substreams };
}

function skipParameter(reader: Reader): void {
  const type = reader.leb();
  const [demixing, reconstruction] = [1, 2];
  if (type !== demixing && type !== reconstruction) return void reader.bytes(reader.leb());
  skipDefinition(reader);
  if (type === demixing) reader.bytes(2);
}

/** Skips the id and rate of a parameter and, unless they are in its blocks, its durations. */
function skipDefinition(reader: Reader): void {
  reader.leb();
  reader.leb();
  if (reader.byte() >= 0x80) return;
  reader.leb();
  if (reader.leb() > 0) return;
  const blocks = reader.leb();
  for (let block = 0; block < blocks; block++) reader.leb();
}

/** Reads the first layer. Bits of its output gain, from the highest: left (or mono), right, surround and top, two each. */
function readFirstLayer(reader: Reader): ChannelMatrix[] {
  reader.byte();
  const head = reader.byte();
  const count = reader.byte();
  const pairs = reader.byte();
  const channels = layouts[head >> 4];
  if (channels === undefined || count + pairs !== channels.length || pairs > count)
    throw new RangeError("A loudspeaker layout is unknown.");
  const gains = channels.map(() => 1);
  if ((head & 8) !== 0) {
    const flags = reader.byte() >> 2;
    const gain = 10 ** (reader.signed16() / 256 / 20);
    for (let channel = 0; channel < Math.min(4, 2 * pairs || 1); channel++)
      if ((flags & (0x20 >> channel)) !== 0) gains[channel] = gain;
  }
  const matrix = channels.map(([left, right], index) => {
    const gain = gains[index] as number;
    return [gain * left, gain * right] as const;
  });
  return Array.from({ length: count }, (_, index) =>
    index < pairs ? matrix.slice(2 * index, 2 * index + 2) : matrix.slice(pairs + index, pairs + index + 1),
  );
}

/** Reads ambisonics: one substream per channel, or a matrix of 16-bit fractions from substreams to channels (3.6.3). */
function readAmbisonics(reader: Reader, kind: number): ChannelMatrix[] {
  const mode = reader.leb();
  if (kind !== 1 || mode > 1) throw new RangeError("The type of an audio element is unknown.");
  const channelCount = reader.byte();
  const count = reader.byte();
  const stereo = ambisonicMatrix("sn3d", channelCount);
  if (mode === 0) {
    const mapping = Array.from({ length: channelCount }, () => reader.byte());
    return Array.from({ length: count }, (_, substream) => {
      const channel = mapping.indexOf(substream);
      return [stereo[channel] ?? [0, 0]];
    });
  }
  const pairs = reader.byte();
  const decoded = Array.from({ length: count + pairs }, () => {
    let left = 0;
    let right = 0;
    for (const [toLeft, toRight] of stereo) {
      const weight = reader.signed16() / 32_768;
      left += weight * toLeft;
      right += weight * toRight;
    }
    return [left, right] as const;
  });
  return Array.from({ length: count }, (_, index) =>
    index < pairs ? decoded.slice(2 * index, 2 * index + 2) : decoded.slice(pairs + index, pairs + index + 1),
  );
}

/** Reads the gains of the elements of a mix (IAMF 1.1, 3.7): its first part; simple and base profiles have only one. */
function readGains(reader: Reader): Map<number, number> {
  reader.leb();
  const languages = reader.leb();
  for (let text = 0; text < 2 * languages; text++) reader.skipText();
  if (reader.leb() === 0) throw new RangeError("A mix has no parts.");
  const gains = new Map<number, number>();
  const elementCount = reader.leb();
  for (let element = 0; element < elementCount; element++) {
    const id = reader.leb();
    for (let text = 0; text < languages; text++) reader.skipText();
    reader.byte();
    reader.bytes(reader.leb());
    skipDefinition(reader);
    gains.set(id, 10 ** (reader.signed16() / 256 / 20));
  }
  return gains;
}
