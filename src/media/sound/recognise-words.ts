import { readFile, rm } from "node:fs/promises";

import { AV_CHANNEL_ORDER_NATIVE, AV_LOG_FATAL, AV_SAMPLE_FMT_FLT } from "node-av/constants";
import { Frame, Log, Rational } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { throwIfFailed } from "../av-error.js";
import { filterValue } from "../filter-value.js";
import { openFilterGraph, type OpenedFilterGraph } from "../open-filter-graph.js";
import { readSoundFile, type SoundFileRange } from "./sound-file.js";
import { sampleRate } from "./sound-format.js";

export interface RecogniseWordsInput {
  /** A headerless file of interleaved stereo float32 at 48 kHz. */
  readonly path: string;
  readonly range: SoundFileRange;
  /** File of a model in ggml's format. */
  readonly model: string;
  /** ISO 639-1, or `auto`. */
  readonly language: string;
  /** Temporary file for the result. */
  readonly answerPath: string;
}

const channelLayout = { nbChannels: 2, order: AV_CHANNEL_ORDER_NATIVE, mask: 3n };
/** The number of threads is fixed, because the order of additions may depend on it. */
const threads = 2;
/** The model recognises nothing in shorter sound, so silence is appended. */
const minSamples = 1.2 * sampleRate;

/**
 * Recognises speech in a range of a sound file with FFmpeg's `whisper` filter (whisper.cpp), on the CPU only, because a
 * GPU would give other words for the same sound.
 *
 * @returns SubRip, whose times begin at the range's first sample; empty without speech
 * @throws KeepsakeError `speech-not-recognised` when the model cannot be loaded or fails
 */
export async function recogniseWords(input: RecogniseWordsInput): Promise<string> {
  Log.setLevel(AV_LOG_FATAL);
  try {
    await filterRange(input);
    return await readFile(input.answerPath, "utf8");
  } catch (error) {
    throw new KeepsakeError(
      "speech-not-recognised",
      "The speech recogniser could not use its model: check KEEPSAKE_WHISPER_MODEL.",
      { cause: error },
    );
  } finally {
    await rm(input.answerPath, { force: true });
  }
}

async function filterRange(input: RecogniseWordsInput): Promise<void> {
  using graph = openGraph(input);
  let position = 0;
  const push = async (samples: Float32Array): Promise<void> => {
    using frame = frameOf(samples, position);
    position += samples.length / 2;
    await graph.push(frame);
    await drain(graph);
  };
  for await (const samples of readSoundFile(input.path, input.range)) await push(samples);
  if (position < minSamples) await push(new Float32Array((minSamples - position) * 2));
  await graph.push(null);
  await drain(graph);
}

function openGraph(input: RecogniseWordsInput): OpenedFilterGraph {
  using like = frameOf(new Float32Array(2), 0);
  return openFilterGraph(like, { num: 1, den: sampleRate }, description(input), threads);
}

/** Drops the output of the filter, which is the unchanged sound; the words are in the file of the answer. */
async function drain(graph: OpenedFilterGraph): Promise<void> {
  using frame = new Frame();
  frame.alloc();
  for (let more = true; more;) more = await graph.pull(frame);
}

/** Describes the filters. The queue has room for the whole range, so that the model processes it in one piece. */
function description({ model, language, range, answerPath }: RecogniseWordsInput): string {
  const queueSeconds = Math.ceil(Math.max(range.sampleCount, minSamples) / sampleRate) + 1;
  const options = {
    model: filterValue(model),
    language,
    queue: queueSeconds,
    use_gpu: 0,
    destination: filterValue(answerPath),
    format: "srt",
  };
  const text = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return `aresample=16000,aformat=sample_fmts=flt:channel_layouts=mono,whisper=${text.join(":")}`;
}

/** Copies the samples, because `samples` is reused while the graph still has the frame. */
function frameOf(samples: Float32Array, position: number): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.nbSamples = samples.length / 2;
  frame.format = AV_SAMPLE_FMT_FLT;
  frame.sampleRate = sampleRate;
  frame.channelLayout = channelLayout;
  frame.timeBase = new Rational(1, sampleRate);
  frame.pts = BigInt(position);
  throwIfFailed(frame.getBuffer(), "allocate the sound", "media-library-failed");
  frame.data?.[0]?.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  return frame;
}
