import { expect, it } from "vitest";

import { parseRows } from "../../../dist/capsule/parse-rows.js";
import { createLog } from "../../../dist/log.js";
import { readConfig } from "../../../dist/settings/config.js";
import { noMusic } from "../../../dist/worker/open-music.js";
import { filmSettingsFor } from "../../../dist/worker/render-capsule.js";

const log = createLog("silent", false);
const config = readConfig({});
const capsule = { id: "5f0c7a52-8e0e-4a54-9d0b-6d1f3d4c9a10", status: "closed" };
const content = (row: object = {}) =>
  parseRows({ ...capsule, ...row }, [{ id: "1", content_text: "We miss you." }]);

it("keeps the order of the settings, on which the fingerprints of published films depend", () => {
  const settings = filmSettingsFor({ content: content(), recogniser: null, music: noMusic, log }, config);
  expect(Object.keys(settings)).toEqual([
    "width",
    "height",
    "fps",
    "maxBytes",
    "maxSeconds",
    "quality",
    "theme",
    "honoree",
    "recogniser",
    "music",
    "captionLanguage",
    "strict",
  ]);
});

it("names the music and takes the theme of the capsule's row", () => {
  const music = { ...noMusic, name: "ambient-1" };
  const options = { content: content({ theme: "Night" }), recogniser: null, music, log };
  expect(filmSettingsFor(options, config)).toMatchObject({ music: "ambient-1", theme: { name: "night" } });
});
