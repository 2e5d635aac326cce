import { describe, expect, test } from "vitest";

import { measuredMotions, measureMotion } from "../../../dist-tools/bench/measure-motion.js";
import { useFolder } from "../../use-folder.js";

const { signal } = new AbortController();
const folder = useFolder();

describe.each(Object.entries(measuredMotions))("a photo in motion: %s", (_name, motion) => {
  test("is painted at its planned place", async () => {
    const deviation = await measureMotion({ motion, encoder: null, folder }, signal);
    expect(deviation.placeCount).toBeGreaterThan(270);
    expect(deviation.rmsPx).toBeLessThan(0.01);
    expect(deviation.worstStepPx).toBeLessThan(0.05);
  });

  test("is at its planned place after encoding", async () => {
    const encoder = { preset: "veryfast", crf: 16 } as const;
    const deviation = await measureMotion({ motion, encoder, folder }, signal);
    expect(deviation.rmsPx).toBeLessThan(0.03);
    expect(deviation.worstStepPx).toBeLessThan(0.1);
  });
});
