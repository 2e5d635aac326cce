import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { lostCodes } from "./clips/lost-part.js";
import { outputPath } from "./output-path.js";
import type { DecodedFile, PrepareInput } from "./prepare-file.js";
import { sampleRate } from "../media/sound/sound-format.js";

/** These limits are higher than the results of preparation, which has its own limits. */
const maxSide = 65_536;
const maxSamples = 2 * 3600 * sampleRate;
const maxSeconds = 4 * 3600;
const maxWords = 1_000_000;
const maxRemarks = 20;
const maxRecordings = 1000;
/** Base64 has four characters for three levels, and there are fifty levels per second. */
const maxLevelCharacters = (4 / 3) * 50 * (maxSamples / sampleRate);
const maxRemarkCharacters = 1000;

/**
 * Checks the result of a decoder, which the file may have compromised. The worker reads and removes the files that are
 * named here, so only the agreed names are accepted, and only numbers that a film can be planned with.
 *
 * @throws KeepsakeError `media-preparation-crashed`
 */
export function checkDecoded(answer: unknown, input: PrepareInput): DecodedFile {
  const checked = decodedSchema(input).safeParse(answer);
  if (checked.success) return checked.data;
  throw new KeepsakeError("media-preparation-crashed", "A decoder returned an impossible result.", {
    cause: checked.error,
  });
}

function decodedSchema(input: PrepareInput): z.ZodType<DecodedFile> {
  const sha256 = z.literal(input.sha256);
  const side = z.int().min(1).max(maxSide);
  const samples = z.int().min(0).max(maxSamples);
  const seconds = z.number().min(0).max(maxSeconds);
  const livePhotoId = z.string().regex(/^[\w-]{8,64}$/);
  const photo = z.object({
    kind: z.literal("photo"),
    path: z.literal(outputPath(input, "rgb")),
    width: side,
    height: side,
    writtenWords: z.int().min(0).max(maxWords).exactOptional(),
    livePhotoId: livePhotoId.exactOptional(),
    thumbnail: z.object({ path: z.literal(outputPath(input, "thumbnail")), width: side, height: side }),
    sha256,
  });
  const sound = z.object({
    kind: z.literal("sound"),
    path: z.literal(outputPath(input, "f32")),
    sampleCount: samples,
    speech: z.array(z.object({ firstSample: samples, endSample: samples })).exactOptional(),
    fileLevels: z.base64().max(maxLevelCharacters).exactOptional(),
    integratedLufs: z.number().nullable(),
    truePeakDbtp: z.number().nullable(),
    sha256,
  });
  const edit = z.object({
    startSeconds: seconds,
    durationSeconds: seconds,
    mediaSeconds: z.number().nullable(),
    rate: z.number().min(0),
  });
  const clip = z.object({
    kind: z.literal("clip"),
    path: z.literal(input.path),
    demuxer: z.string().regex(/^\w{1,32}$/),
    recordings: z.array(z.int().min(0)).min(2).max(maxRecordings).exactOptional(),
    streamIndex: z.int().min(0),
    width: side,
    height: side,
    mirrored: z.boolean(),
    rotationDegrees: z.literal([0, 90, 180, 270]),
    transfer: z.enum(["sdr", "hlg", "pq"]),
    interlaced: z.boolean(),
    fieldOrder: z.enum(["top", "bottom"]).exactOptional(),
    keySeconds: seconds.exactOptional(),
    edits: z.array(edit).exactOptional(),
    isClockBroken: z.boolean().exactOptional(),
    startSeconds: z.number(),
    durationSeconds: seconds,
    loopSeconds: seconds.exactOptional(),
    background: z
      .string()
      .regex(/^#[\da-f]{6}$/)
      .exactOptional(),
    livePhotoId: livePhotoId.exactOptional(),
    sound: sound.nullable(),
    sha256,
  });
  return z.object({
    asset: z.discriminatedUnion("kind", [photo, sound, clip]),
    remarks: z.array(z.string().max(maxRemarkCharacters)).max(maxRemarks),
    lost: z
      .object({
        part: z.enum(["pictures", "sound"]),
        code: z.enum(lostCodes),
        reason: z.string().max(maxRemarkCharacters),
      })
      .exactOptional(),
  });
}
