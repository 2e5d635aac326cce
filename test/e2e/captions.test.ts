import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AVMEDIA_TYPE_SUBTITLE, AV_DISPOSITION_DEFAULT, AV_LOG_ERROR } from "node-av/constants";
import { FormatContext, Log, Packet } from "node-av/lib";
import { beforeAll, expect, test } from "vitest";

import { resample } from "../../dist/demo/resample.js";
import { speak } from "../../dist/demo/speak.js";
import { openMediaWriter } from "../../dist/media/film-files/open-media-writer.js";
import { parseTimedText } from "../../dist/speech/parse-transcript.js";
import { writeParrotModel } from "../integration/speech/parrot-model.js";
import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

// Otherwise x264 prints its statistics.
Log.setLevel(AV_LOG_ERROR);

const rate = 48_000;
const fps = 30;
const folder = useFolder();
let settings: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  const model = path.join(folder, "parrot.bin");
  await writeParrotModel(model, [{ from: 0.2, to: 1.6, words: ["We", "all", "loved", "her."] }]);
  settings = {
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "work"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_WHISPER_MODEL: model,
    KEEPSAKE_SPEECH_LANGUAGE: "en",
  };
});

/** Two seconds of silence, then the words; as a voice note, or with a plain picture. */
async function record(name: string, words: string, filmed: boolean): Promise<void> {
  const spoken = await speak(words);
  const speech = resample(spoken.samples, spoken.sampleRate, rate);
  const frames = Math.ceil((2 + speech.length / rate) * fps) + fps;
  const samples = new Float32Array((frames * rate) / fps);
  samples.set(speech, 2 * rate);
  const size = { width: 320, height: 180 };
  await using writer = await openMediaWriter(path.join(folder, name), {
    container: filmed ? "mp4" : "ogg",
    picture: filmed ? { ...size, fps, crf: 30, rotationDegrees: 0 } : null,
    sound: { codec: filmed ? "aac" : "opus", sampleRate: rate, channelCount: 1, bitsPerSecond: 64_000 },
  });
  const picture = new Uint8Array((size.width * size.height * 3) / 2).fill(128);
  for (let frame = 0; frame < frames; frame++) {
    await writer.writeSound(samples.subarray((frame * rate) / fps, ((frame + 1) * rate) / fps));
    picture.fill(60 + (frame % 90), 0, size.width * size.height);
    if (filmed) await writer.writePicture(picture);
  }
  await writer.finish();
}

const letter =
  "I met Margaret in 1974, when we both worked the night shift at the old hospital. She had a way of making even the " +
  "longest hours feel short, and she never once let anybody eat alone.";

/** Reads the caption track with FFmpeg, an independent reader. */
async function readTrack(film: string) {
  const format = new FormatContext();
  format.allocContext();
  await format.openInput(film, null, null);
  await format.findStreamInfo(null);
  const stream = format.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_SUBTITLE);
  if (stream === undefined) throw new Error("The film has no caption track.");
  const { index, disposition, metadata } = stream;
  const { num, den } = stream.timeBase;
  const cues: { readonly seconds: number; readonly text: string }[] = [];
  using packet = new Packet();
  packet.alloc();
  while (format.readFrameSync(packet) >= 0) {
    const bytes = packet.streamIndex === index ? packet.data : null;
    const text = bytes?.toString("utf8", 2, 2 + bytes.readUInt16BE(0)) ?? "";
    if (text !== "") cues.push({ seconds: (Number(packet.pts) * num) / den, text });
    packet.unref();
  }
  const isDefault = (disposition & AV_DISPOSITION_DEFAULT) !== 0;
  const language = metadata?.get("language") ?? null;
  await format.closeInput();
  return { cues, isDefault, language };
}

test("a film has all its words in its captions at their times, in the file and beside it", async () => {
  await record("voice.ogg", "We all loved her.", false);
  await record("clip.mp4", "She never slept badly. Not once.", true);
  const messages = [
    { id: "1", contributor_name: "Anna & Bob", content_text: letter },
    { id: "2", contributor_name: "Carla", content_audio_url: "voice.ogg" },
    {
      id: "3",
      contributor_name: "Dan",
      content_video_url: "clip.mp4",
      transcript:
        "WEBVTT\n\n00:02.000 --> 00:03.200\n<v Dan's wife>She never slept badly.\n\n00:03.200 --> 00:04.000\nNot once.",
    },
  ];
  const capsule = { id: "5f0c7a52-8e0e-4a54-9d0b-6d1f3d4c9a11", status: "closed", title: "Margaret" };
  await writeFile(path.join(folder, "capsule.json"), JSON.stringify({ capsule, messages }));
  const out = path.join(folder, "film.mp4");
  const ran = await keepsake(["render", path.join(folder, "capsule.json"), "--out", out, "--json"], settings);
  expect(ran).toMatchObject({ exitCode: 0 });
  const film = lastJson(ran) as {
    readonly scenes: readonly { readonly kind: string; readonly firstFrame: number }[];
    readonly timings: Record<string, number>;
  };
  expect(film.timings).toHaveProperty("listening");
  expect(film).toMatchObject({ warnings: [] });

  const webVtt = await readFile(path.join(folder, "film.vtt"), "utf8");
  const beside = parseTimedText(webVtt) ?? [];
  expect(beside.map(({ text, speaker }) => [text.replaceAll("\n", " "), speaker])).toEqual([
    ["I met Margaret in 1974,", null],
    ["when we both worked the night shift at the old hospital.", null],
    ["She had a way of making even the longest hours feel short,", null],
    ["and she never once let anybody eat alone.", null],
    ["We all loved her.", "Carla"],
    ["She never slept badly.", "Dan's wife"],
    ["Not once.", "Dan"],
  ]);
  expect(webVtt).toContain("<v Carla>We all loved her.");

  const secondsOf = (kind: string) =>
    (film.scenes.find((scene) => scene.kind === kind)?.firstFrame ?? 0) / fps;
  const starts = beside.map(({ firstSample }) => firstSample / rate);
  // The voice is heard 1.2 s into its scene, the clip 0.8 s; both speak after two seconds of quiet.
  expect(Math.abs((starts[4] ?? 0) - (secondsOf("voice") + 1.2 + 2.2))).toBeLessThan(0.4);
  expect(Math.abs((starts[5] ?? 0) - (secondsOf("clip") + 0.8 + 2))).toBeLessThan(0.05);

  const inside = await readTrack(out);
  expect(inside).toMatchObject({ isDefault: false, language: "eng" });
  expect(inside.cues.map(({ text }) => text)).toEqual(beside.map(({ text }) => text));
  for (const [index, { seconds }] of inside.cues.entries()) {
    expect(Math.abs(seconds - (starts[index] ?? 0))).toBeLessThan(0.001);
  }
});

test("a speech model that cannot be used stops the start, and doctor reports it", async () => {
  const broken = { ...settings, KEEPSAKE_WHISPER_MODEL: path.join(folder, "nowhere.bin") };
  const ran = await keepsake(
    ["render", path.join(folder, "capsule.json"), "--out", path.join(folder, "x.mp4"), "--json"],
    broken,
  );
  expect(ran.exitCode).toBe(2);
  expect(ran.stdout).toContain("setting-invalid");
  expect((await keepsake(["doctor"], broken)).stdout).toMatch(
    /BAD {2}speech: .*nowhere\.bin cannot be used/u,
  );
  expect((await keepsake(["doctor"], settings)).stdout).toMatch(
    /ok {3}speech: Speech in en is recognised by .*parrot\.bin/u,
  );
  expect((await keepsake(["doctor"], {})).stdout).toMatch(/ok {3}speech: Speech is not recognised/u);
});
