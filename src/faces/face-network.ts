/**
 * A face detector: SSD on MobileNet v1, trained on WIDER FACE, with the weights in `model/` (their source and licence are
 * in the same folder). The network is so small that a hundred lines of our own code replace a framework; its layers are those
 * of `ssdMobilenetv1` of face-api.js.
 */
import { createNetworkMemory, type NetworkMemory } from "./network-memory.js";
import { packDepthwise, packMatrix, type Depthwise, type Matrix } from "./pack-weights.js";
import { readWeights, unpackWeights, type Weights } from "./read-weights.js";

/** Side in pixels of the square picture that is the network's input. */
export const networkSide = 512;

/** A box in fractions of the square picture, measured from its top left corner. The score is between 0 and 1. */
export interface ScoredBox {
  readonly score: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface FaceNetwork {
  /**
   * @param rgb `networkSide * networkSide * 3` bytes
   * @param minScore lowest score of a returned box; several boxes may belong to one face
   */
  detect(rgb: Uint8Array, minScore: number): readonly ScoredBox[];
}

/** Numbers of the blocks that halve the picture. */
const halvingBlocks = new Set([2, 4, 6, 12]);
const blockCount = 13;
/** Number of a block with finer features than the last one, with which small faces are found. */
const fineBlock = 11;
const extraCount = 4;
/** ReLU6: activations are limited to 6. */
const limit = 6;
/** A prediction has four values of a box and three of classes (none, face, one unused). */
const boxValues = 4;
const classCount = 3;
const faceClass = 1;

interface Layers {
  readonly first: Matrix;
  readonly blocks: readonly {
    readonly depthwise: Depthwise;
    readonly pointwise: Matrix;
    readonly halves: boolean;
  }[];
  /** Pairs of layers: the first narrows the features, the second halves the picture. */
  readonly extras: readonly { readonly narrow: Matrix; readonly halve: Matrix }[];
  readonly predictors: readonly Predictor[];
  /** Top, left, bottom and right of the boxes that the predictions are relative to, in the order of the predictions. */
  readonly anchors: Float32Array;
}

interface Predictor {
  /** Its outputs for each pixel are the boxes of all anchors, then the classes of all anchors. */
  readonly matrix: Matrix;
  readonly anchorsPerPixel: number;
}

/** Manifest of the weights, which the build copies to the same place under `dist/`. */
export const weightsManifest = new URL(
  "./model/ssd_mobilenetv1_model-weights_manifest.json",
  import.meta.url,
);

/** Reads and unpacks the weights. They take 22 MB, and the activations of the layers take as much again. */
export async function createFaceNetwork(): Promise<FaceNetwork> {
  const memory = await createNetworkMemory();
  const layers = packLayers(memory, await readWeights(weightsManifest));
  // The first block's output is the largest: 256 × 256 pixels of 64 channels. A depthwise layer's is at most half of it.
  const large = memory.allocate(256 * 256 * 64);
  const small = memory.allocate(256 * 256 * 32);
  const predictions = memory.allocate(32 * 32 * 24);
  return {
    detect(rgb, minScore) {
      const boxes: ScoredBox[] = [];
      let anchor = 0;
      const predict = (source: number, side: number, { matrix, anchorsPerPixel }: Predictor): void => {
        multiply(memory, source, side * side, matrix, predictions, 0);
        const values = memory.view(predictions, side * side * matrix.outputCount);
        for (let pixel = 0; pixel < side * side; pixel += 1) {
          for (let index = 0; index < anchorsPerPixel; index += 1, anchor += 1) {
            const at = pixel * matrix.outputCount;
            const score = sigmoid(
              values[at + anchorsPerPixel * boxValues + index * classCount + faceClass] ?? 0,
            );
            if (score < minScore) continue;
            const from = layers.anchors.subarray(anchor * boxValues, (anchor + 1) * boxValues);
            boxes.push({ score, ...decodeBox(from, values.subarray(at + index * boxValues)) });
          }
        }
      };
      runLayers(memory, layers, rgb, { large, small }, predict);
      return boxes;
    },
  };
}

function runLayers(
  memory: NetworkMemory,
  { first, blocks, extras, predictors }: Layers,
  rgb: Uint8Array,
  { large, small }: { readonly large: number; readonly small: number },
  predict: (source: number, side: number, predictor: Predictor) => void,
): void {
  const { wasm } = memory;
  const [finest, coarse, ...coarser] = predictors;
  if (finest === undefined || coarse === undefined)
    throw new RangeError("The face detector has no predictors.");
  const input = memory.view(large, rgb.length);
  for (let index = 0; index < rgb.length; index += 1) input[index] = (rgb[index] ?? 0) / 127.5 - 1;
  wasm.gather(large, networkSide, networkSide, 3, small);
  let side = networkSide / 2;
  multiply(memory, small, side * side, first, large, limit);
  let channelCount = first.outputCount;
  for (const [index, { depthwise, pointwise, halves }] of blocks.entries()) {
    const { weights, bias } = depthwise;
    wasm.depthwise(large, side, side, channelCount, halves ? 2 : 1, weights, bias, small, limit);
    if (halves) side /= 2;
    multiply(memory, small, side * side, pointwise, large, limit);
    channelCount = pointwise.outputCount;
    if (index + 1 === fineBlock) predict(large, side, finest);
  }
  predict(large, side, coarse);
  for (const [index, { narrow, halve }] of extras.entries()) {
    multiply(memory, large, side * side, narrow, small, limit);
    wasm.gather(small, side, side, narrow.outputCount, large);
    side /= 2;
    multiply(memory, large, side * side, halve, small, limit);
    memory
      .view(large, side * side * halve.outputCount)
      .set(memory.view(small, side * side * halve.outputCount));
    const predictor = coarser[index];
    if (predictor !== undefined) predict(large, side, predictor);
  }
}

function multiply(
  { wasm }: NetworkMemory,
  source: number,
  pixelCount: number,
  { inputCount, outputCount, panels, bias }: Matrix,
  target: number,
  max: number,
): void {
  wasm.multiply(source, pixelCount, inputCount, panels, outputCount / 8, bias, target, max);
}

function packLayers(memory: NetworkMemory, weights: ReadonlyMap<string, Weights>): Layers {
  const find = (name: string): Weights => {
    const found = weights.get(name);
    if (found === undefined) throw new RangeError(`${name} is missing in the face detector's weights.`);
    return found;
  };
  const convolution = (path: string): Matrix =>
    packMatrix(memory, [{ weights: find(`${path}/weights`), bias: find(`${path}/convolution_bn_offset`) }]);
  const count = (length: number): number[] => Array.from({ length }, (_, index) => index);
  return {
    first: convolution("MobilenetV1/Conv2d_0_pointwise"),
    blocks: count(blockCount).map((index) => {
      const path = `MobilenetV1/Conv2d_${index + 1}_depthwise`;
      const norm = {
        gamma: find(`${path}/BatchNorm/gamma`),
        beta: find(`${path}/BatchNorm/beta`),
        mean: find(`${path}/BatchNorm/moving_mean`),
        variance: find(`${path}/BatchNorm/moving_variance`),
      };
      return {
        depthwise: packDepthwise(memory, find(`${path}/depthwise_weights`), norm),
        pointwise: convolution(`MobilenetV1/Conv2d_${index + 1}_pointwise`),
        halves: halvingBlocks.has(index + 1),
      };
    }),
    extras: count(extraCount).map((index) => ({
      narrow: convolution(`Prediction/Conv2d_${2 * index}_pointwise`),
      halve: convolution(`Prediction/Conv2d_${2 * index + 1}_pointwise`),
    })),
    predictors: count(extraCount + 2).map((index) => {
      const parts = ["BoxEncodingPredictor", "ClassPredictor"].map((part) => {
        const path = `Prediction/BoxPredictor_${index}/${part}`;
        return { weights: find(`${path}/weights`), bias: find(`${path}/biases`) };
      });
      const boxCount = (parts[0]?.bias.codes.length ?? 0) / boxValues;
      return { matrix: packMatrix(memory, parts), anchorsPerPixel: boxCount };
    }),
    anchors: unpackWeights(find("Output/extra_dim")),
  };
}

/** Decodes a box as SSD encodes it: centre and size relative to the anchor, with the variances 0.1 and 0.2. */
function decodeBox(anchor: Float32Array, code: Float32Array): Omit<ScoredBox, "score"> {
  const [top = 0, left = 0, bottom = 0, right = 0] = anchor;
  const [dy = 0, dx = 0, dh = 0, dw = 0] = code;
  const width = right - left;
  const height = bottom - top;
  const centreX = left + width / 2 + (dx / 10) * width;
  const centreY = top + height / 2 + (dy / 10) * height;
  const halfWidth = (Math.exp(dw / 5) * width) / 2;
  const halfHeight = (Math.exp(dh / 5) * height) / 2;
  return {
    left: centreX - halfWidth,
    top: centreY - halfHeight,
    right: centreX + halfWidth,
    bottom: centreY + halfHeight,
  };
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
