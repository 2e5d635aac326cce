import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, expect, it } from "vitest";

import type { ClipAsset, MessageAssets, SoundAsset } from "../../../dist/media/asset.js";
import { createDiskCache, noCache } from "../../../dist/cache/disk-cache.js";
import type { Message } from "../../../dist/capsule/content.js";
import { KeepsakeError } from "../../../dist/errors.js";
import { createLog } from "../../../dist/log.js";
import type { Progress } from "../../../dist/progress.js";
import { transcribeMessages } from "../../../dist/speech/transcribe-messages.js";
import type { RecogniseSpeech } from "../../../dist/speech/recogniser.js";

const sound = (sha256: string, integratedLufs: number | null = -20): SoundAsset => ({
  kind: "sound",
  path: `/${sha256}`,
  sampleCount: 48_000,
  integratedLufs,
  truePeakDbtp: -3,
  sha256,
});
const clip = (sha256: string) => ({ sound: sound(sha256) }) as ClipAsset;
const message = (id: string, transcript: string | null = null): Message => ({
  id,
  contributorName: "Anna",
  submittedAt: null,
  text: null,
  imageReference: null,
  audioReference: null,
  videoReference: null,
  transcript,
});
const said = (text: string) => [{ text, speaker: null, firstSample: 0, endSample: 48_000 }];
const echo: RecogniseSpeech = ({ sha256 }) => Promise.resolve(said(sha256));

interface Given {
  readonly message: Message;
  readonly voice?: SoundAsset;
  readonly clip?: ClipAsset;
}

async function transcribeAll(
  given: readonly Given[],
  recognise: RecogniseSpeech | null,
  { cache = noCache, modelSha256 = "m", signal = new AbortController().signal } = {},
) {
  const progress: Progress[] = [];
  const heard = await transcribeMessages({
    messages: given.map((one) => one.message),
    assets: new Map(
      given.map(({ message: { id }, voice = null, clip: own = null }): [string, MessageAssets] => [
        id,
        { photo: null, voice, clip: own, problems: [] },
      ]),
    ),
    recogniser: recognise === null ? null : { identity: { modelSha256, language: "auto" }, recognise },
    cache,
    cores: 2,
    folder: "/nowhere",
    signal,
    onProgress: (one) => progress.push(one),
  });
  return { ...heard, shas: [...heard.recognised.keys()], progress };
}

describe("transcribeMessages", () => {
  it("transcribes voices and clips without a transcript, each file once", async () => {
    const { shas, progress } = await transcribeAll(
      [
        { message: message("1"), voice: sound("a"), clip: clip("b") },
        { message: message("2", "Written."), voice: sound("c"), clip: clip("d") },
        { message: message("3", "Written."), clip: clip("e") },
        { message: message("4", "WEBVTT"), voice: sound("f") },
        { message: message("5"), voice: sound("a") },
        { message: message("6"), voice: sound("silent", null) },
      ],
      echo,
    );
    expect(shas).toEqual(["a", "b", "d", "f"]);
    expect(progress.at(0)).toEqual({ stage: "listening", done: 0, total: 4, unit: "files" });
    expect(progress.at(-1)).toEqual({ stage: "listening", done: 4, total: 4, unit: "files" });
  });

  it("transcribes nothing and reports no stage without a recogniser or a recording", async () => {
    const nothing = { shas: [], progress: [], problems: [] };
    expect(await transcribeAll([{ message: message("1"), voice: sound("a") }], null)).toMatchObject(nothing);
    expect(await transcribeAll([{ message: message("1") }], echo)).toMatchObject(nothing);
  });

  it("continues with a warning when a recording cannot be recognised", async () => {
    const { shas, problems } = await transcribeAll(
      [
        { message: message("1"), voice: sound("bad") },
        { message: message("2"), clip: clip("good") },
      ],
      ({ sha256 }) =>
        sha256 === "bad"
          ? Promise.reject(new KeepsakeError("child-crashed", "It crashed."))
          : Promise.resolve(said("x")),
    );
    expect(shas).toEqual(["good"]);
    expect(problems).toEqual([
      {
        messageId: "1",
        field: "content_audio_url",
        code: "speech-not-recognised",
        reason: "Its speech could not be recognised, so it has no captions: It crashed.",
      },
    ]);
  });

  it("stops when aborted, instead of continuing without captions", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const hearing = transcribeAll(
      [{ message: message("1"), voice: sound("a") }],
      () => {
        stop.abort(reason);
        return Promise.reject(new KeepsakeError("child-crashed", "Killed."));
      },
      { signal: stop.signal },
    );
    await expect(hearing).rejects.toBe(reason);
  });

  it("uses cached results, unless the model is a different one", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "keepsake-heard-"));
    try {
      const cache = createDiskCache({ folder, limitBytes: 1e6, log: createLog("silent", false) });
      const given = [{ message: message("1"), voice: sound("a") }];
      await transcribeAll(given, echo, { cache });
      const never: RecogniseSpeech = () => Promise.reject(new Error("asked again"));
      const { recognised, problems } = await transcribeAll(given, never, { cache });
      expect(recognised.get("a")).toEqual(said("a"));
      expect(problems).toEqual([]);
      expect((await transcribeAll(given, never, { cache, modelSha256: "other" })).problems).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
