import openEspeak from "@echogarden/espeak-ng-emscripten";

import { KeepsakeError } from "../errors.js";

export interface Speech {
  /** Mono samples, -1 to 1. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

/** A calm male voice, for which a speech recogniser made the fewest errors of all voices of the package. */
const voice = { name: "en-us+klatt5", wordsPerMinute: 145, pitch: 50, range: 60 };

/** Synthesizes English speech with eSpeak NG, compiled to WebAssembly; it contains no recorded voice. */
export async function speak(words: string): Promise<Speech> {
  const { eSpeakNGWorker: EspeakWorker } = await openEspeak();
  const worker = new EspeakWorker();
  if (worker.set_voice(voice.name) !== 0) {
    throw new KeepsakeError("internal", `The speech synthesizer has no voice named ${voice.name}.`);
  }
  worker.set_rate(voice.wordsPerMinute);
  worker.set_pitch(voice.pitch);
  worker.set_range(voice.range);
  const pieces: Int16Array[] = [];
  worker.synthesize(words, (piece) => {
    if (piece !== null) pieces.push(piece);
    return false;
  });
  const samples = new Float32Array(pieces.reduce((count, piece) => count + piece.length, 0));
  let start = 0;
  for (const piece of pieces) {
    samples.set(
      Float32Array.from(piece, (value) => value / 32_768),
      start,
    );
    start += piece.length;
  }
  return { samples, sampleRate: worker.get_samplerate() };
}
