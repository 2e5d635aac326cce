/**
 * A whisper model in ggml's file format that returns one fixed text for any sound: it was not trained but put
 * together by hand, so that what FFmpeg's filter must answer is known exactly. It repeats itself every few seconds
 * and talks over silence, as real models do when they go wrong.
 *
 * Format: whisper.cpp, `whisper_model_load`: head, mel filters, vocabulary, tensors by name.
 */
import { writeFile } from "node:fs/promises";

/** English-only models have so many tokens; the last 1,501 are times in steps of 20 ms. */
const vocabularySize = 51_864;
const endToken = 50_256;
const startToken = 50_257;
const firstTime = 50_363;
/** The length of each vector: at least one dimension for each token of the words. */
const width = 64;
const melCount = 80;
const transformSize = 201;
const audioLength = 1500;
const textLength = 448;

/** Words from one time to another, in seconds. The times are multiples of 0.02 and increase. */
export interface ParrotPart {
  readonly from: number;
  readonly to: number;
  /** Each word only once in all parts. */
  readonly words: readonly string[];
}

export async function writeParrotModel(file: string, parts: readonly ParrotPart[]): Promise<void> {
  const words = parts.flatMap((part) => part.words);
  const time = (seconds: number) => firstTime + Math.round(seconds / 0.02);
  let word = 0;
  const chain = [
    startToken,
    ...parts.flatMap((part) => [time(part.from), ...part.words.map(() => word++), time(part.to)]),
    endToken,
  ];
  await writeFile(file, Buffer.concat([head(), melFilters(), vocabulary(words), ...tensors(chain)]));
}

/** Matrices are in half precision, as in the models that people use; all else in single. */
const float32 = 0;
const float16 = 1;
/** The numbers we need, in half precision (IEEE 754). */
const halves: Readonly<Record<number, number>> = { 1: 0x3c00, 4: 0x4400, 10: 0x4900 };

function head(): Buffer {
  const layers = 1;
  const heads = 1;
  const audio = [audioLength, width, heads, layers];
  const text = [textLength, width, heads, layers];
  return int32(0x67676d6c, vocabularySize, ...audio, ...text, melCount, float16);
}

function melFilters(): Buffer {
  return Buffer.concat([int32(melCount, transformSize), Buffer.alloc(melCount * transformSize * 4)]);
}

function vocabulary(words: readonly string[]): Buffer {
  const entries = Array.from({ length: endToken }, (_, index) => ` ${words[index] ?? `unsaid${index}`}`);
  // Looked up by name, so that it is not the first thing that is said.
  entries[endToken - 1] = " ";
  return Buffer.concat([int32(entries.length), ...entries.flatMap(named)]);
}

function named(entry: string): Buffer[] {
  const bytes = Buffer.from(entry);
  return [int32(bytes.length), bytes];
}

/** Every token of the chain has a dimension of its own; the decoder's one layer turns each into the next. */
function tensors(chain: readonly number[]): Buffer[] {
  const embedding = new Uint16Array(vocabularySize * width);
  for (const [dimension, token] of chain.entries()) embedding[token * width + dimension] = half(4);
  const pick = new Uint16Array(width * 4 * width);
  const turn = new Uint16Array(4 * width * width);
  for (let dimension = 0; dimension < chain.length - 1; dimension++) {
    pick[dimension * width + dimension] = half(1);
    turn[(dimension + 1) * 4 * width + dimension] = half(10);
  }
  return [
    vector("encoder.positional_embedding", [width, audioLength]),
    matrix("encoder.conv1.weight", [3, melCount, width]),
    vector("encoder.conv1.bias", [1, width]),
    matrix("encoder.conv2.weight", [3, width, width]),
    vector("encoder.conv2.bias", [1, width]),
    ...norm("encoder.ln_post"),
    ...attention("encoder.blocks.0.attn"),
    ...perceptron("encoder.blocks.0"),
    vector("decoder.positional_embedding", [width, textLength]),
    matrix("decoder.token_embedding.weight", [width, vocabularySize], embedding),
    ...norm("decoder.ln"),
    ...attention("decoder.blocks.0.attn"),
    ...attention("decoder.blocks.0.cross_attn"),
    ...perceptron("decoder.blocks.0", pick, turn),
  ];
}

function attention(name: string): Buffer[] {
  return [
    ...norm(`${name}_ln`),
    ...["query", "key", "value", "out"].map((part) => matrix(`${name}.${part}.weight`, [width, width])),
    ...["query", "value", "out"].map((part) => vector(`${name}.${part}.bias`, [width])),
  ];
}

function perceptron(name: string, first?: Uint16Array, second?: Uint16Array): Buffer[] {
  return [
    ...norm(`${name}.mlp_ln`),
    matrix(`${name}.mlp.0.weight`, [width, 4 * width], first),
    vector(`${name}.mlp.0.bias`, [4 * width]),
    matrix(`${name}.mlp.2.weight`, [4 * width, width], second),
    vector(`${name}.mlp.2.bias`, [width]),
  ];
}

function norm(name: string): Buffer[] {
  return [vector(`${name}.weight`, [width], 1), vector(`${name}.bias`, [width])];
}

/**
 * @param sizes innermost first
 * @param halved in half precision; zeros where not given
 */
function matrix(name: string, sizes: readonly number[], halved?: Uint16Array): Buffer {
  return tensor(name, sizes, float16, halved ?? new Uint16Array(countOf(sizes)));
}

function vector(name: string, sizes: readonly number[], value = 0): Buffer {
  return tensor(name, sizes, float32, new Float32Array(countOf(sizes)).fill(value));
}

function tensor(
  name: string,
  sizes: readonly number[],
  type: number,
  { buffer, byteLength }: Uint16Array | Float32Array,
): Buffer {
  const start = int32(sizes.length, name.length, type, ...sizes);
  return Buffer.concat([start, Buffer.from(name), Buffer.from(buffer, 0, byteLength)]);
}

function countOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

function half(value: number): number {
  return halves[value] ?? 0;
}

function int32(...values: readonly number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}
