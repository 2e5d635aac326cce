import { expect, it } from "vitest";

import { measureSync } from "../../../dist-tools/bench/measure-sync.js";
import { readConfig } from "../../../dist/settings/config.js";
import { createLog } from "../../../dist/log.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

it("measures pictures and sound of the first and the last clip of a film in sync", async () => {
  const { film: settings } = readConfig({ KEEPSAKE_SIZE: "640x360", KEEPSAKE_QUALITY: "draft" });
  const { offsetSamples, worstFrames } = await measureSync({
    settings,
    wordsBetween: 1,
    cores: 2,
    folder,
    log: createLog("silent", false),
    signal: new AbortController().signal,
  });
  expect(offsetSamples).toHaveLength(2);
  // A tenth of a frame: what the encoder smears an onset by.
  expect(worstFrames).toBeLessThan(0.1);
});
