import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { renderCapsule, type RenderedCapsule } from "../../dist-tools/bench/render-capsule.js";
import { noCache } from "../../dist/cache/disk-cache.js";
import { parseRows } from "../../dist/capsule/parse-rows.js";
import { readConfig } from "../../dist/settings/config.js";
import { listCorpus, type CorpusFile } from "../../dist-tools/corpus/list-corpus.js";
import { samplePlaces } from "../../dist-tools/corpus/media-sample.js";
import { readReferences } from "../../dist-tools/corpus/read-references.js";
import { makePoster } from "../../dist/film/poster/poster.js";
import { createLog } from "../../dist/log.js";
import { distortPicture } from "../integration/assets/distort-picture.js";
import { findPicture, type Frame } from "./find-picture.js";

/** Files that real devices made, and live attacks; they lie beside the repository where there are any. */
const corpus = fileURLToPath(new URL("../../../shared/corpus/", import.meta.url));
const present = existsSync(corpus);

const all: readonly CorpusFile[] = present ? await listCorpus(corpus) : [];
const media = all.filter(({ file }) => !file.startsWith("text/"));
const texts = all.filter(({ file }) => file.startsWith("text/"));
const references = await readReferences(
  fileURLToPath(new URL("../integration/assets/corpus-reference.json", import.meta.url)),
);
/** The largest difference that the film's encoder and the search for a place cause. */
const filmTolerance = 12;
const wordsAFile = 8;

const { film: settings } = readConfig({ KEEPSAKE_SIZE: "640x360", KEEPSAKE_QUALITY: "draft" });
const { signal } = new AbortController();
const log = createLog("silent", false);

/** Named by a phone or an app, files come in the column of what they are taken for. */
function columnOf(file: string): string {
  if (/\.(jpe?g|png|heic|hif|gif|webp|tiff?|svg|bmp)$/i.test(file)) return "content_image_url";
  return /\.(aac|amr|m4a|mp3|oga|wav|wma)$/i.test(file) ? "content_audio_url" : "content_video_url";
}

const idOf = (file: string): string => `file-${media.findIndex((one) => one.file === file)}`;

/** Takes lines from all parts of a file, each as the words and the name of a message. */
async function sayLines(file: string, fileNumber: number): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(path.join(corpus, file), "utf8"))
    .split("\n")
    .filter((line) => line.trim() !== "");
  return Array.from({ length: wordsAFile }, (_, index) => {
    const line = lines[Math.floor(((index + 0.5) * lines.length) / wordsAFile)] ?? "";
    return { id: `words-${fileNumber}-${index}`, content_text: line, contributor_name: line.slice(0, 200) };
  });
}

describe.skipIf(!present)(
  "one capsule of the whole corpus (skipped where it is not beside the repository)",
  () => {
    let folder = "";
    let made: RenderedCapsule;

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "keepsake-corpus-film-"));
      const rows = media.map(({ file }) => ({ id: idOf(file), [columnOf(file)]: `./${file}` }));
      const said = (await Promise.all(texts.map(({ file }, index) => sayLines(file, index)))).flat();
      const capsule = {
        id: "00000000-0000-4000-8000-000000000000",
        status: "closed",
        title: "Margaret Hollis",
      };
      const content = parseRows(capsule, [...rows, ...said]);
      const given = { media: corpus, settings, cache: noCache, cores: 2, folder, log, signal };
      made = await renderCapsule({ content, ...given });
    }, 1_500_000);
    afterAll(() => rm(folder, { recursive: true }));

    const sceneOf = (id: string, ...kinds: readonly string[]) =>
      made.film.scenes.find(({ messageId, kind }) => messageId === id && kinds.includes(kind));

    async function frameAt(frame: number): Promise<Frame> {
      const file = path.join(folder, "look.jpg");
      await makePoster({ film: made.film.film, frame, path: file }, { folder, signal, timeoutSeconds: 120 });
      const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
      return { rgb: data, width: info.width, height: info.height };
    }

    it.each(media.filter(({ expected }) => expected === "render"))("shows $file", ({ file }) => {
      expect(made.film.warnings.filter(({ messageId }) => messageId === idOf(file))).toEqual([]);
      expect(sceneOf(idOf(file), "photo", "voice", "clip")).toBeDefined();
    });

    it.each(media.filter(({ expected }) => expected === "reject"))("has a card for $file", ({ file }) => {
      const warnings = made.film.warnings.filter(({ messageId }) => messageId === idOf(file));
      expect(warnings).toMatchObject([
        { field: columnOf(file), reason: expect.stringMatching(/^[A-Z].+\.$/) as string },
      ]);
      expect(sceneOf(idOf(file), "words")).toBeDefined();
      expect(sceneOf(idOf(file), "photo", "voice", "clip")).toBeUndefined();
    });

    it("has all words: inspection found them in the captions, and every line has its scenes", () => {
      const said = made.request.content.messages.filter(({ text }) => text !== null);
      expect(said.length).toBeGreaterThan(texts.length * (wordsAFile - 2));
      for (const { id } of said) expect(sceneOf(id, "words"), id).toBeDefined();
    });

    const seen = Object.entries(references).filter(([, { pictures }]) => pictures !== undefined);
    it.each(seen.map(([file, reference]) => ({ file, reference })))(
      "really shows $file",
      async ({ file, reference }) => {
        const { pictures = [], width = 1, height = 1, tolerance = 0 } = reference;
        const scene = sceneOf(idOf(file), "photo", "clip");
        if (scene === undefined) throw new Error("it has no scene");
        const clip = made.request.assets.get(idOf(file))?.clip ?? null;
        const seconds = clip === null ? 0 : (clip.loopSeconds ?? clip.durationSeconds);
        const dissolveFrames = Math.round(settings.theme.timing.dissolveSeconds * settings.fps);
        for (const [index, picture] of pictures.entries()) {
          const within =
            clip === null
              ? Math.floor(scene.frameCount / 2)
              : dissolveFrames + Math.floor((samplePlaces[index] ?? 0) * seconds * settings.fps);
          const frame = await frameAt(scene.firstFrame + within);
          const aspect = (width ?? 1) / (height ?? 1);
          expect(findPicture(frame, picture, aspect)).toBeLessThan(Math.max(tolerance, filmTolerance));
          const negative = distortPicture(picture, "negative");
          expect(findPicture(frame, negative, aspect)).toBeGreaterThan(Math.max(tolerance, filmTolerance));
        }
      },
    );
  },
);
