import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { lostCodes } from "./clips/lost-part.js";
import { outputPath } from "./output-path.js";
import type { DecodedFile, PrepareInput } from "./prepare-file.js";
import { sampleRate } from "../media/sound/sound-format.js";

/** More than preparation makes: photos, sounds and clips have bounds of their own. */
const mostSide = 65_536;
const mostSamples = 2 * 3600 * sampleRate;
const mostSeconds = 4 * 3600;
const mostWords = 1_000_000;
const mostRemarks = 20;
const mostRecordings = 1000;
/** Letters of Base64, four for three levels, of which there are fifty a second. */
const mostLevels = (4 / 3) * 50 * (mostSamples / sampleRate);
const remarkLetters = 1000;

/**
 * What a decoder says of a file. It may have been taken over by that file: the worker reads and removes what is named
 * here, so only the names that were agreed on are taken, and only numbers that a film can be planned with.
 *
 * @throws KeepsakeError `media-preparation-crashed`
 */
export function checkDecoded(answer: unknown, input: PrepareInput): DecodedFile {
  const checked = decodedSchema(input).safeParse(answer);
  if (checked.success) return checked.data;
  throw new KeepsakeError("media-preparation-crashed", "A decoder answered what no decoder answers.", {
    cause: checked.error,
  });
}

function decodedSchema(input: PrepareInput): z.ZodType<DecodedFile> {
  const sha256 = z.literal(input.sha256);
  const side = z.int().min(1).max(mostSide);
  const samples = z.int().min(0).max(mostSamples);
  const seconds = z.number().min(0).max(mostSeconds);
  const livePhotoId = z.string().regex(/^[\w-]{8,64}$/);
  const photo = z.object({
    kind: z.literal("photo"),
    path: z.literal(outputPath(input, "rgb")),
    width: side,
    height: side,
    writtenWords: z.int().min(0).max(mostWords).exactOptional(),
    livePhotoId: livePhotoId.exactOptional(),
    thumbnail: z.object({ path: z.literal(outputPath(input, "thumbnail")), width: side, height: side }),
    sha256,
  });
  const sound = z.object({
    kind: z.literal("sound"),
    path: z.literal(outputPath(input, "f32")),
    sampleCount: samples,
    speech: z.array(z.object({ firstSample: samples, endSample: samples })).exactOptional(),
    fileLevels: z.base64().max(mostLevels).exactOptional(),
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
    recordings: z.array(z.int().min(0)).min(2).max(mostRecordings).exactOptional(),
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
    remarks: z.array(z.string().max(remarkLetters)).max(mostRemarks),
    lost: z
      .object({
        part: z.enum(["pictures", "sound"]),
        code: z.enum(lostCodes),
        reason: z.string().max(remarkLetters),
      })
      .exactOptional(),
  });
}
