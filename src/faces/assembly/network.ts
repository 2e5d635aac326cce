// The layers of a MobileNet in WebAssembly SIMD, without imports. Activations are float32 in the order NHWC (the channels
// of a pixel follow each other). Nothing is checked here: the caller, ../face-network.ts, ensures valid addresses and sizes.

/** Returns the address of the first byte that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Number of outputs that are computed together. */
const panelWidth: i32 = 8;
const panelBytes: i32 = panelWidth << 2;
/** Size of the block of pixels that `multiply` works on at a time. */
const blockBytes: i32 = 128 << 10;

/**
 * Computes a pointwise convolution: multiplies the channels of each pixel by a matrix and adds a bias. It works on four pixels at
 * a time, so it may read and write up to three pixels past the end of source and target.
 *
 * @param panels groups of eight outputs; a group has eight weights for each input channel
 * @param limit ReLU with this upper limit; 0 leaves values as they are
 */
export function multiply(
  source: usize,
  pixelCount: i32,
  inputCount: i32,
  panels: usize,
  panelCount: i32,
  bias: usize,
  target: usize,
  limit: f32,
): void {
  const sourceBytes: usize = inputCount << 2;
  const targetBytes: usize = panelCount * panelBytes;
  // A block of pixels stays in the processor's cache while it is multiplied by all panels.
  const blockPixels = max(4, (blockBytes / <i32>sourceBytes) & ~3);
  for (let firstPixel = 0; firstPixel < pixelCount; firstPixel += blockPixels) {
    const endPixel = min(pixelCount, firstPixel + blockPixels);
    for (let panel = 0; panel < panelCount; panel++) {
      multiplyPanel(
        source,
        firstPixel,
        endPixel,
        sourceBytes,
        panels + <usize>panel * inputCount * panelBytes,
        bias + panel * panelBytes,
        target + panel * panelBytes,
        targetBytes,
        limit,
      );
    }
  }
}

@inline function multiplyPanel(
  source: usize,
  firstPixel: i32,
  endPixel: i32,
  sourceBytes: usize,
  weights: usize,
  bias: usize,
  target: usize,
  targetBytes: usize,
  limit: f32,
): void {
  const biasLow = v128.load(bias);
  const biasHigh = v128.load(bias, 16);
  for (let pixel = firstPixel; pixel < endPixel; pixel += 4) {
    const first = source + <usize>pixel * sourceBytes;
    const second = first + sourceBytes;
    const third = second + sourceBytes;
    const fourth = third + sourceBytes;
    let low1 = biasLow;
    let low2 = biasLow;
    let low3 = biasLow;
    let low4 = biasLow;
    let high1 = biasHigh;
    let high2 = biasHigh;
    let high3 = biasHigh;
    let high4 = biasHigh;
    let weight = weights;
    for (let offset: usize = 0; offset < sourceBytes; offset += 4, weight += panelBytes) {
      const weightLow = v128.load(weight);
      const weightHigh = v128.load(weight, 16);
      const value1 = v128.load32_splat(first + offset);
      low1 = f32x4.add(low1, f32x4.mul(value1, weightLow));
      high1 = f32x4.add(high1, f32x4.mul(value1, weightHigh));
      const value2 = v128.load32_splat(second + offset);
      low2 = f32x4.add(low2, f32x4.mul(value2, weightLow));
      high2 = f32x4.add(high2, f32x4.mul(value2, weightHigh));
      const value3 = v128.load32_splat(third + offset);
      low3 = f32x4.add(low3, f32x4.mul(value3, weightLow));
      high3 = f32x4.add(high3, f32x4.mul(value3, weightHigh));
      const value4 = v128.load32_splat(fourth + offset);
      low4 = f32x4.add(low4, f32x4.mul(value4, weightLow));
      high4 = f32x4.add(high4, f32x4.mul(value4, weightHigh));
    }
    const out = target + <usize>pixel * targetBytes;
    store8(out, low1, high1, limit);
    store8(out + targetBytes, low2, high2, limit);
    store8(out + 2 * targetBytes, low3, high3, limit);
    store8(out + 3 * targetBytes, low4, high4, limit);
  }
}

@inline function store8(target: usize, low: v128, high: v128, limit: f32): void {
  if (limit > 0) {
    low = clip(low, limit);
    high = clip(high, limit);
  }
  v128.store(target, low);
  v128.store(target, high, 16);
}

@inline function clip(values: v128, limit: f32): v128 {
  return f32x4.pmin(f32x4.splat(limit), f32x4.pmax(f32x4.splat(0), values));
}

/**
 * Computes a depthwise convolution of 3 × 3: each channel has its own nine weights and a bias. Pixels outside the picture count
 * as 0.
 *
 * @param channelCount a multiple of 4
 * @param step 1 keeps the picture's size, 2 halves an even one
 * @param weights row by row; each of the nine places has the weights of all channels
 */
export function depthwise(
  source: usize,
  width: i32,
  height: i32,
  channelCount: i32,
  step: i32,
  weights: usize,
  bias: usize,
  target: usize,
  limit: f32,
): void {
  const pixelBytes: usize = channelCount << 2;
  // "Same" padding: around the picture, but only after it when the size is halved.
  const before = step == 1 ? 1 : 0;
  for (let y = 0; y < height; y += step) {
    const firstRow = max(0, y - before);
    const lastRow = min(height - 1, y - before + 2);
    for (let x = 0; x < width; x += step, target += pixelBytes) {
      const firstColumn = max(0, x - before);
      const lastColumn = min(width - 1, x - before + 2);
      for (let channel: usize = 0; channel < pixelBytes; channel += 16) {
        let sum = v128.load(bias + channel);
        for (let row = firstRow; row <= lastRow; row++) {
          let from = source + <usize>(row * width + firstColumn) * pixelBytes + channel;
          let weight = weights + <usize>((row - y + before) * 3 + firstColumn - x + before) * pixelBytes + channel;
          for (let column = firstColumn; column <= lastColumn; column++, from += pixelBytes, weight += pixelBytes) {
            sum = f32x4.add(sum, f32x4.mul(v128.load(from), v128.load(weight)));
          }
        }
        v128.store(target + channel, clip(sum, limit));
      }
    }
  }
}

/**
 * Copies the 3 × 3 pixels at every second pixel of an even picture next to each other, so that `multiply` can compute a
 * full convolution of half the size. Pixels outside the picture are 0.
 */
export function gather(source: usize, width: i32, height: i32, channelCount: i32, target: usize): void {
  const pixelBytes: usize = channelCount << 2;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      for (let row = y; row < y + 3; row++) {
        for (let column = x; column < x + 3; column++, target += pixelBytes) {
          if (row < height && column < width) {
            memory.copy(target, source + <usize>(row * width + column) * pixelBytes, pixelBytes);
          } else {
            memory.fill(target, 0, pixelBytes);
          }
        }
      }
    }
  }
}
