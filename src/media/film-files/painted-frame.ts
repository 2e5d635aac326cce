import { AV_PIX_FMT_YUV420P } from "node-av/constants";
import { Frame } from "node-av/lib";

import { throwIfFailed } from "../av-error.js";
import { tagFilmColours } from "./tag-film-colours.js";

interface PlaneView {
  readonly bytes: Uint8Array;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A frame for the encoder into which pictures are copied. `Frame.fromBuffer` would only point to the bytes, contrary to
 * its documentation, and they would change while they are encoded.
 */
export class PaintedFrame implements Disposable {
  readonly frame = new Frame();
  /** Views of the frame's memory, created once: new ones for every picture would burden the garbage collector. */
  #planes: readonly PlaneView[];

  constructor(width: number, height: number) {
    const { frame } = this;
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = AV_PIX_FMT_YUV420P;
    tagFilmColours(frame);
    throwIfFailed(frame.allocBuffer(), "allocate a frame", "media-library-failed");
    this.#planes = viewPlanes(frame);
  }

  /** @param i420 Y, U and V, tightly packed, BT.709 limited range */
  fill(i420: Uint8Array, frameNumber: number): void {
    const { frame } = this;
    if (!frame.isWritable) {
      throwIfFailed(frame.makeWritable(), "prepare a frame", "media-library-failed");
      this.#planes = viewPlanes(frame);
    }
    let offset = 0;
    for (const { bytes, stride, width, height } of this.#planes) {
      const source = i420.subarray(offset, offset + width * height);
      if (stride === width) bytes.set(source);
      else {
        for (let row = 0; row < height; row += 1) {
          bytes.set(source.subarray(row * width, (row + 1) * width), row * stride);
        }
      }
      offset += source.length;
    }
    frame.pts = BigInt(frameNumber);
  }

  [Symbol.dispose](): void {
    this.frame.free();
  }
}

function viewPlanes(frame: Frame): PlaneView[] {
  const { width, height, linesize } = frame;
  return (frame.data ?? []).map((bytes, index) => {
    const grain = index === 0 ? 1 : 2;
    return { bytes, stride: linesize[index] ?? 0, width: width / grain, height: height / grain };
  });
}
