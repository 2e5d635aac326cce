import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";

import { prepareAsset } from "../../dist/assets/open-preparers.js";
import { drawScenes } from "../../dist/film/scenes/draw-scenes.js";
import { encodeSegment } from "../../dist/film/segments/encode-segment.js";
import { samplesPerFrame } from "../../dist/film/model/film-settings.js";
import { joinFilm } from "../../dist/film/join/join.js";
import { mixSound } from "../../dist/film/sound/mix.js";
import type { EncoderSettings } from "../../dist/film/model/quality.js";
import type { Background } from "../../dist/film/model/scene-layers.js";
import type { Scene } from "../../dist/film/model/scene.js";
import { classic } from "../../dist/film/model/theme.js";
import { fullSoundBitsPerSecond } from "../../dist/film/sizing/size-budget.js";
import { runChild } from "../../dist/process/run-child.js";
import type { Rgb } from "../../dist/colour/rgb.js";

export interface MeasureColourOptions {
  /** Format in which the card is saved before it is prepared like any other photo. */
  readonly format: "png" | "jpeg";
  readonly encoder: EncoderSettings;
  /** Private and existing folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** CIEDE2000 between a test card and its picture in a film. */
export interface ColourError {
  readonly mean: number;
  readonly worst: number;
  /** The worst value of all measured frames, for each patch. */
  readonly patches: readonly ColourPatch[];
}

export interface ColourPatch {
  readonly card: Rgb;
  readonly film: Rgb;
  readonly deltaE: number;
}

export interface MakeCardInput {
  readonly width: number;
  readonly height: number;
  readonly path: string;
  readonly format: MeasureColourOptions["format"];
}

export interface ReadCardInput {
  readonly film: string;
  readonly background: Background;
  readonly frameCount: number;
}

const card = { width: 1920, height: 1080 };
const film = { width: 1280, height: 720, fps: 30 };
const frameCount = 60;
const stepSeconds = 300;

/**
 * Measures colours at the end of the whole chain: a card of known colours is saved as a picture file, prepared, drawn,
 * painted in slow motion, encoded, joined with sound into a film, and measured in the decoded film. The code values of the
 * film are read as they were written: in BT.709 limited range, whose primaries are those of sRGB; the R'G'B' values are
 * shown on a screen like the sRGB values of a photo (`docs/film.md`, Colour).
 */
export async function measureColour({
  format,
  encoder,
  folder,
  signal,
}: MeasureColourOptions): Promise<ColourError> {
  const environment = path.join(folder, `colour-${format}`);
  await mkdir(environment, { recursive: true });
  const child = { folder: environment, signal, timeoutSeconds: stepSeconds };
  const cardPath = path.join(environment, `card.${format}`);
  const cardInput: MakeCardInput = { ...card, path: cardPath, format };
  await runChild<MakeCardInput, null>(new URL("./make-card-child.js", import.meta.url), cardInput, child);

  const bytes = await readFile(cardPath);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { asset } = await prepareAsset(
    { path: cardPath, sha256, folder: environment },
    { sizeBytes: bytes.length, signal },
  );
  if (asset.kind !== "photo") throw new TypeError("The test card was not prepared as a photo.");

  const scene: Scene = {
    id: "card",
    messageId: "card",
    firstFrame: 0,
    frameCount,
    content: { kind: "photo", photo: asset, name: null, words: null, zoomsIn: true },
  };
  const drawn = await drawScenes(
    [scene],
    { ...film, theme: classic },
    { folder: environment, signal, concurrency: 1 },
  );
  const layers = drawn.get(scene.id);
  if (layers === undefined) throw new TypeError("The test card was not drawn.");
  const segment = await encodeSegment(
    {
      ...film,
      firstFrame: 0,
      frameCount,
      dissolveFrames: 0,
      fadeFromBlack: null,
      fadeToBlack: null,
      scenes: [{ firstFrame: 0, frameCount, layers }],
    },
    { encoder, output: path.join(environment, "card.mp4"), folder: environment, signal },
  );
  const sampleCount = frameCount * samplesPerFrame(film);
  const sound = await mixSound(
    {
      cues: [],
      music: null,
      sampleCount,
      bitsPerSecond: fullSoundBitsPerSecond,
      path: path.join(environment, "silence.aac"),
    },
    child,
  );
  const filmPath = path.join(environment, "film.mp4");
  const { fps } = film;
  const tables = { chapters: [], captions: [], captionLanguage: "und", title: null, date: null };
  await joinFilm({ segments: [segment], sound, fps, ...tables, path: filmPath }, child);
  return await runChild<ReadCardInput, ColourError>(
    new URL("./read-card-child.js", import.meta.url),
    { film: filmPath, background: layers.background, frameCount },
    child,
  );
}
