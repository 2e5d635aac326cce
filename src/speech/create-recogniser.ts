import { open } from "node:fs/promises";
import path from "node:path";

import { hashFile } from "../files/hash-file.js";
import { KeepsakeError } from "../errors.js";
import { runChild } from "../process/run-child.js";
import type { SpokenLanguage } from "./languages.js";
import type { RecogniseInput } from "./recognise-sound.js";
import type { Recogniser } from "./recogniser.js";
import type { SpokenPart } from "./transcript.js";
import { sampleRate } from "../media/sound/sound-format.js";

export interface RecogniserSettings {
  /** File of a whisper model in ggml's format. */
  readonly modelPath: string;
  readonly language: SpokenLanguage;
}

/** Time limit for the start, and for each second of sound: far more than the largest model needs on two cores. */
const baseTimeoutSeconds = 300;
const secondsPerSecond = 60;
/** Enough for hours of words with their times. */
const maxAnswerBytes = 16 * 1024 ** 2;
/** Memory in addition to the model and its working memory. */
const baseMemoryMib = 2048;

/**
 * Creates a recogniser for one model, whose file is hashed once. Each sound is recognised in a child process.
 *
 * @throws KeepsakeError `setting-invalid` when the model cannot be used
 */
export async function createRecogniser({ modelPath, language }: RecogniserSettings): Promise<Recogniser> {
  const model = path.resolve(modelPath);
  const { isMultilingual } = await readModelHead(model);
  const spoken = isMultilingual ? language : "en";
  if (language !== "auto" && language !== spoken) {
    throw unusable(model, `it supports English only, but KEEPSAKE_SPEECH_LANGUAGE is ${language}`);
  }
  const { sha256, sizeBytes } = await hashFile(model);
  const task = new URL("./recognise-child.js", import.meta.url);
  const memoryMib = baseMemoryMib + 3 * Math.ceil(sizeBytes / 1024 ** 2);
  return {
    identity: { modelSha256: sha256, language: spoken },
    recognise: async (sound, { folder, signal }) => {
      const timeoutSeconds = baseTimeoutSeconds + secondsPerSecond * (sound.sampleCount / sampleRate);
      return await runChild<RecogniseInput, SpokenPart[]>(
        task,
        {
          path: sound.path,
          speech: sound.speech ?? [{ firstSample: 0, endSample: sound.sampleCount }],
          model,
          language: spoken,
          answerPath: path.join(folder, `${sound.sha256}.srt`),
        },
        // The model uses several threads, so its limit of CPU time is higher.
        {
          folder,
          reads: [model],
          maxAnswerBytes,
          signal,
          timeoutSeconds,
          limits: { memoryMib, cpuSeconds: 8 * timeoutSeconds },
        },
      );
    },
  };
}

const magic = 0x67676d6c;
/** Size of the vocabulary of a multilingual model; models for English only have one token less. */
const multilingualTokens = 51_865;

/** Reads the first two numbers of the file (whisper.cpp, `whisper_model_load`). */
async function readModelHead(model: string): Promise<{ readonly isMultilingual: boolean }> {
  const head = Buffer.alloc(8);
  try {
    await using file = await open(model, "r");
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    if (bytesRead < head.length) head.fill(0);
  } catch (error) {
    throw unusable(model, `it cannot be read: ${(error as Error).message}`);
  }
  const tokens = head.readInt32LE(4);
  if (head.readUInt32LE(0) !== magic || tokens < multilingualTokens - 1 || tokens > 100_000) {
    throw unusable(model, "it is not a whisper model in ggml's format");
  }
  return { isMultilingual: tokens >= multilingualTokens };
}

function unusable(model: string, why: string): KeepsakeError {
  return new KeepsakeError(
    "setting-invalid",
    `The speech recogniser's model ${model} cannot be used: ${why}. ` +
      "Set KEEPSAKE_WHISPER_MODEL to a file such as ggml-base.bin of whisper.cpp, or remove the setting.",
  );
}
