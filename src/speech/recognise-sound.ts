import type { SoundSpan } from "../media/asset.js";
import { recogniseWords } from "../media/sound/recognise-words.js";
import { transcriptionSpans } from "./transcription-spans.js";
import { parseTimedText } from "./parse-transcript.js";
import { tidyRecognised } from "./tidy-recognised.js";
import type { SpokenPart } from "./transcript.js";

export interface RecogniseInput {
  /** A headerless file of interleaved stereo float32 at 48 kHz. */
  readonly path: string;
  /** Ranges in which someone may be speaking; only these are processed. */
  readonly speech: readonly SoundSpan[];
  /** File of a model in ggml's format. */
  readonly model: string;
  /** ISO 639-1, or `auto`. */
  readonly language: string;
  /** Private path for a temporary file. */
  readonly answerPath: string;
}

/**
 * Recognises speech in a prepared sound. Must run in a child process.
 *
 * @throws KeepsakeError `speech-not-recognised`
 */
export async function recogniseSound({ path, speech, ...options }: RecogniseInput): Promise<SpokenPart[]> {
  const parts: SpokenPart[] = [];
  for (const { firstSample, endSample } of transcriptionSpans(speech)) {
    const range = { firstSample, sampleCount: endSample - firstSample };
    const answer = await recogniseWords({ ...options, path, range });
    for (const part of parseTimedText(answer) ?? []) {
      const within = (sample: number) => Math.min(firstSample + sample, endSample);
      parts.push({ ...part, firstSample: within(part.firstSample), endSample: within(part.endSample) });
    }
  }
  return tidyRecognised(parts, speech);
}
