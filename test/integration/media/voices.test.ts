import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { waveFile } from "../../wave-file.js";
import { measureMedia } from "./read-media.js";
import { flashSeconds } from "./test-signal.js";
import { writeTestMedia, type TestMedia, type TestSound } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const seconds = 2;
const aac: TestSound = { encoder: "aac" };
const opus: TestSound = { encoder: "libopus", format: "flt" };
const mp3: TestSound = { encoder: "libmp3lame" };
const pcm: TestSound = { encoder: "pcm_s16le", format: "s16" };
const whatsApp = {
  ...opus,
  channels: 1,
  sampleRate: 16_000,
  options: { application: "voip", frame_duration: 60, b: 16_000 },
};
const of = (container: string, sound: TestSound, muxer = {}): TestMedia => ({
  container,
  muxer,
  seconds,
  sound,
});

const voices: readonly (readonly [name: string, extension: string, media: TestMedia])[] = [
  ["AAC in ADTS", "aac", of("adts", aac)],
  ["AAC in LATM", "latm", of("latm", { ...aac, options: { flags: "+global_header" } })],
  ["AAC in M4A", "m4a", of("ipod", aac)],
  ["AAC in MOV", "mov", of("mov", aac)],
  ["AAC in 3GP, one channel", "3gp", of("3gp", { ...aac, channels: 1, sampleRate: 16_000 })],
  ["AAC in Matroska", "mka", of("matroska", aac)],
  ["AAC in a transport stream", "ts", of("mpegts", aac)],
  ["ALAC in M4A", "m4a", of("ipod", { encoder: "alac", format: "s16p" })],
  ["ALAC in CAF", "caf", of("caf", { encoder: "alac", format: "s16p" })],
  ["a WhatsApp voice note", "opus", of("ogg", whatsApp)],
  ["Opus in WebM", "webm", of("webm", opus)],
  ["Opus in a WebM without duration", "webm", of("webm", opus, { live: 1 })],
  ["Opus in MP4", "mp4", of("mp4", opus)],
  ["Opus in Matroska", "mka", of("matroska", opus)],
  ["Vorbis", "ogg", of("ogg", { encoder: "libvorbis" })],
  ["FLAC", "flac", of("flac", { encoder: "flac", format: "s16" })],
  ["FLAC in Ogg", "ogg", of("ogg", { encoder: "flac", format: "s16" })],
  ["MP3", "mp3", of("mp3", mp3)],
  ["MP3 in MP4", "mp4", of("mp4", mp3)],
  ["MP3 in WAV", "wav", of("wav", mp3)],
  ["MP2", "mp2", of("mp2", { encoder: "mp2", format: "s16" })],
  ["WMA", "wma", of("asf", { encoder: "wmav2" })],
  ["WAV", "wav", of("wav", pcm)],
  ["WAV of 24 bits", "wav", of("wav", { encoder: "pcm_s24le", format: "s32" })],
  ["WAV of numbers with a point", "wav", of("wav", { encoder: "pcm_f32le", format: "flt" })],
  [
    "WAV of 8 bits at 8 kHz",
    "wav",
    of("wav", { encoder: "pcm_u8", format: "u8", sampleRate: 8000, channels: 1 }),
  ],
  ["WAV at 192 kHz", "wav", of("wav", { ...pcm, sampleRate: 192_000 })],
  ["WAV of the size RF64 is for", "wav", of("wav", pcm, { rf64: "always" })],
  ["A-law", "wav", of("wav", { encoder: "pcm_alaw", format: "s16", sampleRate: 8000, channels: 1 })],
  ["ADPCM of a dictaphone", "wav", of("wav", { encoder: "adpcm_ms", format: "s16", channels: 1 })],
  ["AIFF", "aiff", of("aiff", { encoder: "pcm_s16be", format: "s16" })],
  ["AU", "au", of("au", { encoder: "pcm_mulaw", format: "s16", sampleRate: 8000, channels: 1 })],
];

/** The earliest start in seconds, because WMA's first packet cannot be decoded. */
const earliest = -0.05;
/** AAC, MP3 and MP2 without a word in the file on how much the encoder put before, AC-3's window: less than a film's frame. */
const latest = 0.035;

describe("a voice", () => {
  it.each(voices)(
    "in %s (.%s) is heard at its time, its length and its level, on both sides",
    async (name, extension, media) => {
      const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.${extension}`);
      await writeTestMedia(file, media);
      await expectVoice(file);
    },
  );

  it.each([
    ["a voice on the left alone", "pan=stereo|c0=c0", 2],
    ["a voice on the right alone", "pan=stereo|c1=c0", 2],
    ["a voice of opposite sides", "pan=stereo|c0=c0|c1=-1*c0", 2],
    ["a voice in the middle of 5.1", "pan=5.1|FC=c0", 6],
    ["a voice in the middle of 7.1", "pan=7.1|FC=c0", 8],
  ])("%s is the same in both channels", async (name, filters, channels) => {
    const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.wav`);
    await writeTestMedia(file, of("wav", { ...pcm, channels, filters }));
    const { sound } = await expectVoice(file, 0.17);
    const bytes = await readFile(sound?.path ?? "");
    const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    for (let index = 0; index < samples.length; index += 2) {
      expect(Math.abs((samples[index] as number) - (samples[index + 1] as number))).toBeLessThan(1e-4);
    }
  });

  it.each([3, 4, 9, 12, 64])(
    "in the last of %i channels without positions is heard on both sides",
    async (channels) => {
      const file = path.join(folder, `channels-${channels}.wav`);
      await writeFile(file, writeManyChannels(channels));
      await expectVoice(file);
    },
  );

  it("shorter than a tenth of a second is rejected with that reason", async () => {
    const file = path.join(folder, "one-sample.wav");
    await writeFile(file, waveFile(Int16Array.of(32_767), { sampleRate: 48_000, channelCount: 1 }));
    await expect(measureMedia(file, folder)).rejects.toMatchObject({
      code: "media-nothing-inside",
      message: "The recording lasts less than a tenth of a second.",
    });
  });
});

describe("a file of sound", () => {
  const tag = (sizeBytes: number): Buffer => {
    const digits = [21, 14, 7, 0].map((shift) => (sizeBytes >> shift) & 127);
    return Buffer.concat([
      Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, ...digits]),
      Buffer.alloc(sizeBytes, 0x55),
    ]);
  };
  const junk = (sizeBytes: number): Buffer =>
    Buffer.from(Array.from({ length: sizeBytes }, (_, index) => (index * 7919) % 251));
  const made = async (name: string, media: TestMedia): Promise<Buffer> => {
    const file = path.join(folder, name);
    await writeTestMedia(file, media);
    return await readFile(file);
  };
  const changed = async (name: string, bytes: Buffer): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return file;
  };

  it.each([
    ["mp3", "mp3", mp3],
    ["aac", "adts", aac],
    ["flac", "flac", { encoder: "flac", format: "s16" }],
  ] as const)("(%s) after a tag of megabytes is heard", async (extension, container, sound) => {
    const bytes = await made(
      `tagged.${extension}`,
      of(container, sound, container === "mp3" ? { id3v2_version: 0 } : {}),
    );
    await expectVoice(await changed(`tag-before.${extension}`, Buffer.concat([tag(3_000_000), bytes])));
  });

  it.each([
    ["mp3", "mp3", mp3],
    ["aac", "adts", aac],
    ["ts", "mpegts", aac],
  ] as const)("(%s) after junk is heard", async (extension, container, sound) => {
    const bytes = await made(
      `clean.${extension}`,
      of(container, sound, container === "mp3" ? { id3v2_version: 0 } : {}),
    );
    await expectVoice(await changed(`junk.${extension}`, Buffer.concat([junk(3001), bytes])));
  });

  it("(WAV) that was written to a pipe is decoded", async () => {
    const bytes = await made("sized.wav", of("wav", pcm));
    bytes.writeUInt32LE(0xff_ff_ff_ff, 4);
    bytes.writeUInt32LE(0xff_ff_ff_ff, bytes.indexOf("data") + 4);
    await expectVoice(await changed("piped.wav", bytes));
  });

  it("(Ogg) without its last page is decoded, and two in a row are both decoded", async () => {
    const bytes = await made("whole.ogg", of("ogg", opus));
    const lost = await measureMedia(
      await changed("lost.ogg", bytes.subarray(0, bytes.lastIndexOf("OggS"))),
      folder,
    );
    expect(Math.abs((lost.toneSeconds ?? 0) - flashSeconds)).toBeLessThan(latest);
    const chained = await measureMedia(await changed("chained.ogg", Buffer.concat([bytes, bytes])), folder);
    expect(chained.sound?.sampleCount).toBe(2 * seconds * 48_000);
  });

  it("of which half arrived is played as far as it can be decoded, with a warning", async () => {
    const bytes = await made("index-first.m4a", of("ipod", aac, { movflags: "faststart" }));
    const half = await measureMedia(
      await changed("half.m4a", bytes.subarray(0, Math.round(bytes.length * 0.3))),
      folder,
    );
    expect(half.sound?.sampleCount).toBeLessThan(40_000);
    expect(half.remarks).toEqual([
      expect.stringMatching(/^the file did not arrive completely: 0\.\d s of 2\.0 s can be played$/),
    ]);
  });

  it("whose index never arrived is rejected as cut off", async () => {
    const bytes = await made("index-last.m4a", of("ipod", aac));
    const file = await changed("no-index.m4a", bytes.subarray(0, Math.round(bytes.length * 0.8)));
    await expect(measureMedia(file, folder)).rejects.toMatchObject({
      code: "media-damaged",
      message: expect.stringContaining("was cut off"),
    });
  });

  it("in an unsupported codec is rejected with the name of the codec", async () => {
    const file = path.join(folder, "mlp.mkv");
    await writeTestMedia(file, of("matroska", { encoder: "ac3", format: "fltp" }));
    const bytes = await readFile(file);
    bytes.write("A_MLP", bytes.indexOf("A_AC3"));
    await writeFile(file, bytes);
    await expect(measureMedia(file, folder)).rejects.toMatchObject({
      code: "media-codec-unsupported",
      message: "The sound is coded in Meridian Lossless Packing, which is not supported.",
    });
  });
});

async function expectVoice(file: string, minPeak = 0.25): ReturnType<typeof measureMedia> {
  const seen = await measureMedia(file, folder);
  expect(seen.remarks).toEqual([]);
  expect(seen.clip).toBeNull();
  const heard = (seen.sound?.sampleCount ?? 0) / 48_000;
  expect(heard).toBeGreaterThan(seconds + earliest);
  expect(heard).toBeLessThan(seconds + 0.09);
  expect((seen.toneSeconds ?? 0) - flashSeconds).toBeGreaterThan(earliest);
  expect((seen.toneSeconds ?? 0) - flashSeconds).toBeLessThan(latest);
  for (const peak of seen.peaks) {
    expect(peak).toBeGreaterThan(minPeak);
    expect(peak).toBeLessThan(0.65);
  }
  return seen;
}

/** The tone in the last of so many channels, the others silent; no word on where they stand. */
function writeManyChannels(channels: number): Buffer {
  const samples = new Int16Array(seconds * 48_000 * channels);
  for (let at = flashSeconds * 48_000; at < (flashSeconds + 0.2) * 48_000; at += 1) {
    const value = Math.round(16_000 * Math.sin((2 * Math.PI * 1000 * at) / 48_000));
    samples[at * channels + channels - 1] = value;
  }
  return waveFile(samples, { sampleRate: 48_000, channelCount: channels });
}
