import { expect, it } from "vitest";

import type { SoundAsset } from "../../../../dist/media/asset.js";
import type { Scene } from "../../../../dist/film/model/scene.js";
import { quietWarnings } from "../../../../dist/film/sound/quiet-warnings.js";

const sound = (path: string): SoundAsset => ({
  kind: "sound",
  path,
  sampleCount: 48_000,
  integratedLufs: null,
  truePeakDbtp: null,
  sha256: "",
});

function warn(kind: "voice" | "clip", filmLufs: number | null) {
  const one = sound("a");
  const content = kind === "voice" ? { kind, sound: one } : { kind, clip: { sound: one } };
  const scenes = [{ messageId: "m", content }] as unknown as readonly Scene[];
  const level = { gainDb: 0, levelled: false, fadeInSamples: 0, fadeOutSamples: 0, filmLufs };
  return quietWarnings({ soundCues: [{ messageId: "m", sound: one, firstSample: 0 }], scenes }, [level]);
}

it.each([
  ["voice", -16, null],
  ["voice", -39.9, null],
  ["voice", -40.1, /^The recording stays at -40 LUFS/],
  ["voice", -65, /^The recording stays at -65 LUFS/],
  ["voice", -75, /^Nothing can be heard in the recording\.$/],
  ["voice", null, /^Nothing can be heard in the recording\.$/],
  ["clip", -20, null],
  ["clip", -45, /^The video's sound stays at -45 LUFS/],
  ["clip", -75, null],
  ["clip", null, null],
] as const)("of a %s at %s LUFS says %s", (kind, lufs, reason) => {
  const warnings = warn(kind, lufs);
  const field = kind === "voice" ? "content_audio_url" : "content_video_url";
  expect(warnings).toEqual(
    reason === null
      ? []
      : [{ messageId: "m", field, code: "sound-left-quiet", reason: expect.stringMatching(reason) }],
  );
});
