import { describe, expect, it } from "vitest";

import { timeSpeech } from "../../../../dist/film/captions/time-speech.js";

const heard = { firstFrame: 300, sampleCount: 10 * 48_000, speech: [], fps: 30 };
const part = (text: string, from: number, to: number, speaker: string | null = null) => ({
  text,
  speaker,
  firstSample: from * 48_000,
  endSample: to * 48_000,
});
const timesOf = (parts: readonly ReturnType<typeof part>[]) =>
  timeSpeech({ kind: "timed", parts }, heard).map(({ text, firstFrame, endFrame, speaker }) => [
    text,
    firstFrame,
    endFrame,
    speaker,
  ]);

describe("timeSpeech", () => {
  it("spreads words without times over the whole recording", () => {
    const cues = timeSpeech({ kind: "plain", text: "First she sang.\n\nThen she wept." }, heard);
    expect(cues.map(({ firstFrame, endFrame }) => [firstFrame, endFrame])).toEqual([
      [300, 455],
      [455, 600],
    ]);
  });

  it("places pauses between words without times at the recording's pauses", () => {
    const speech = [part("", 1, 3), part("", 7, 9)];
    const cues = timeSpeech(
      { kind: "plain", text: "First she sang.\n\nThen she wept." },
      { ...heard, speech },
    );
    expect(cues.map(({ firstFrame, endFrame }) => [firstFrame, endFrame])).toEqual([
      [330, 390],
      [510, 570],
    ]);
  });

  it("keeps the times and speakers of parts", () => {
    expect(timesOf([part("I was there.", 1, 3), part("So was I.", 3, 5, "Bob")])).toEqual([
      ["I was there.", 330, 390, null],
      ["So was I.", 390, 450, "Bob"],
    ]);
  });

  it("joins words with times of their own, and splits them at a pause", () => {
    expect(
      timesOf([part("She", 0, 0.4), part("never", 0.4, 0.8), part("slept", 0.8, 1.5), part("badly.", 3, 4)]),
    ).toEqual([
      ["She never slept", 300, 345, null],
      ["badly.", 390, 420, null],
    ]);
  });

  it("splits a long part in proportion to its length", () => {
    const sentence = "We walked to the sea on every single day of it,";
    const cues = timesOf([part(`${sentence} ${sentence} ${sentence} ${sentence}`, 0, 8)]);
    expect(cues.length).toBeGreaterThan(1);
    expect(cues[0]?.[1]).toBe(300);
    expect(cues.at(-1)?.[2]).toBe(540);
    for (const [index, cue] of cues.slice(1).entries()) expect(cue[1]).toBe(cues[index]?.[2]);
  });

  it("ignores times that belong to another recording", () => {
    expect(timesOf([part("Hello.", 3600, 3602)])).toEqual([["Hello.", 300, 600, null]]);
  });
});
