import { describe, expect, it } from "vitest";

import { createPictureWatch } from "../../../../dist/film/inspection/picture-watch.js";

const width = 320;
const height = 192;
const size = { width, height, fps: 30 };

/** A detailed picture, moved by so many pixels. */
function moved(pixels: number): Uint8Array {
  return picture((x, y) => 120 + 60 * Math.sin((x + pixels) / 9) + 40 * Math.sin(y / 7));
}

function picture(at: (x: number, y: number) => number): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) luma[y * width + x] = at(x, y);
  return luma;
}

const black = picture(() => 16);
const whole = [{ firstFrame: 0, frameCount: 300 }];

function lookAt(
  frames: readonly Uint8Array[],
  plan: { blackRanges?: typeof whole; stillRanges?: typeof whole },
): void {
  const watch = createPictureWatch({ ...size, blackRanges: [], stillRanges: [], ...plan });
  for (const luma of frames) watch.look(luma, width);
}

const moving = Array.from({ length: 120 }, (_, frame) => moved(frame * 0.3));

describe("createPictureWatch", () => {
  it("lets slow motion pass", () => {
    expect(() => lookAt(moving, {})).not.toThrow();
  });

  it("finds a single black frame", () => {
    const frames = moving.with(57, black);
    expect(() => lookAt(frames, {})).toThrow(/black at frame 57/u);
    expect(() => lookAt(frames, { blackRanges: [{ firstFrame: 57, frameCount: 1 }] })).not.toThrow();
    expect(() => lookAt(frames, { blackRanges: [{ firstFrame: 40, frameCount: 17 }] })).toThrow(/frame 57/u);
  });

  it("takes near-black grounds and dim words on black for pictures", () => {
    const ground = picture(() => 33);
    const words = picture((x, y) => (y > 150 && y < 160 && x > 40 && x < 100 ? 60 : 16));
    expect(() => lookAt([ground, words, ground], { stillRanges: whole })).not.toThrow();
  });

  it("finds a frozen stretch, and only where nothing may stand still", () => {
    const frozen = [...moving.slice(0, 40), ...Array<Uint8Array>(60).fill(moved(12)), ...moving.slice(40)];
    expect(() => lookAt(frozen, {})).toThrow(/stands still from frame 4\d on/u);
    expect(() => lookAt(frozen, { stillRanges: [{ firstFrame: 40, frameCount: 60 }] })).not.toThrow();
  });

  it("lets a second of rest pass", () => {
    const resting = [...moving.slice(0, 40), ...Array<Uint8Array>(30).fill(moved(12)), ...moving.slice(40)];
    expect(() => lookAt(resting, {})).not.toThrow();
  });

  it("does not ask a picture without detail to be seen moving", () => {
    const plain = picture((x, y) => (y > 150 && y < 160 && x > 40 && x < 100 ? 230 : 90));
    expect(() => lookAt(Array<Uint8Array>(120).fill(plain), {})).not.toThrow();
  });

  it("reads rows at their stride", () => {
    const wide = new Uint8Array((width + 64) * height).fill(16);
    for (let y = 0; y < height; y++) wide.fill(255, y * (width + 64) + width, (y + 1) * (width + 64));
    const watch = createPictureWatch({ ...size, blackRanges: [], stillRanges: [] });
    expect(() => watch.look(wide, width + 64)).toThrow(/black/u);
  });
});
