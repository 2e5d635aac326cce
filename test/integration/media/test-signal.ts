/**
 * A picture and a sound that show what became of them: four coloured quarters, none like another, a dark square in the
 * middle that is white for a moment, and a tone that is heard in the same moment.
 */
import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_PIX_FMT_RGB24,
  AV_SAMPLE_FMT_FLT,
  type AVPixelFormat,
} from "node-av/constants";
import { FFmpegError, Frame } from "node-av/lib";

export const testWidth = 320;
export const testHeight = 240;
/** Red, green and blue of the quarters: upper left and right, lower left and right. */
export const quarterColours = [
  [0xb0, 0x20, 0x20],
  [0x20, 0xa0, 0x30],
  [0x20, 0x30, 0xb0],
  [0xc0, 0xb0, 0x20],
] as const;
export const flashSeconds = 1;
export const flashEndSeconds = 1.2;

/** The quarters, and the square in their middle, dark or bright. */
export function quarters(isBright: boolean): Frame {
  return rgbFrame(testWidth, testHeight, (x, y) => {
    const isMiddle = Math.abs(x / testWidth - 0.5) < 0.125 && Math.abs(y / testHeight - 0.5) < 0.125;
    if (isMiddle) return isBright ? [255, 255, 255] : [32, 32, 32];
    return quarterColours[(x < testWidth / 2 ? 0 : 1) + (y < testHeight / 2 ? 0 : 2)] ?? [0, 0, 0];
  });
}

function rgbFrame(width: number, height: number, colour: (x: number, y: number) => readonly number[]): Frame {
  const frame = allocateFrame(width, height, AV_PIX_FMT_RGB24);
  const [plane] = frame.data ?? [];
  const stride = frame.linesize[0] ?? 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) plane?.set(colour(x, y), y * stride + x * 3);
  }
  return frame;
}

/** Copies the frame into its own memory, because frames of a buffer only point at it. */
export function allocateFrame(width: number, height: number, format: AVPixelFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  check(frame.getBuffer());
  return frame;
}

/** A tone at half of full scale while the square is white, a hum far below it else. */
function testSound(seconds: number): number {
  const isTone = seconds >= flashSeconds && seconds < flashEndSeconds;
  return (
    0.01 * Math.sin(2 * Math.PI * 300 * seconds) + (isTone ? 0.5 : 0) * Math.sin(2 * Math.PI * 1000 * seconds)
  );
}

/** Sound at 48 kHz, both sides alike. */
export function toneFrame(
  first: number,
  count: number,
  signal: (seconds: number) => number = testSound,
): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.nbSamples = count;
  frame.format = AV_SAMPLE_FMT_FLT;
  frame.sampleRate = 48_000;
  frame.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  frame.pts = BigInt(first);
  check(frame.getBuffer());
  const samples = new Float32Array(count * 2);
  for (let index = 0; index < count; index += 1) {
    const value = signal((first + index) / 48_000);
    samples[2 * index] = samples[2 * index + 1] = value;
  }
  frame.data?.[0]?.set(new Uint8Array(samples.buffer));
  return frame;
}

function check(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
