import type { VoiceContent } from "../scene.js";
import type { ScenePaint } from "../scene-paint.js";
import type { Box, Easel } from "./easel.js";
import { fitName } from "./fit-name.js";
import { drawPlainGround } from "./grounds.js";
import {
  drawLowerThird,
  drawLowerThirdOnPicture,
  layOutLowerThird,
  nameBaseline,
  type LowerThird,
} from "./lower-third.js";
import { photoAreaAboveBand, photoAreaBesideWords, wordsColumn } from "./photo-areas.js";
import { drawCoverGround, drawFramedGround } from "./photo-ground.js";
import { fillsFrame } from "./photo-layout.js";
import { loadPhotoPixels, type PhotoPixels } from "./photo-pixels.js";
import { drawSignedWords } from "./signed-words.js";
import { drawStackedPhoto } from "./stacked-photo.js";
import { drawWaveform, readLoudnesses } from "./waveform.js";
import { cardInset } from "./words.js";

const columnWaveUnits = 136;
const bandWave = { height: 120, gap: 90, measure: 560 };

/**
 * A voice with its waveform: over a card of its own, or with the message's photo, which is always shown whole and
 * sharp: over the frame or above the waveform, and beside it where it is tall or has words.
 */
export async function drawVoice(easel: Easel, content: VoiceContent, seconds: number): Promise<ScenePaint> {
  if (content.photo === null) return await drawVoiceCard(easel, content);
  const photo = await loadPhotoPixels(content.photo);
  if (easel.frame.shape !== "wide") return await drawVoiceBelowPhoto(easel, content, photo, seconds);
  const isWide = photo.asset.width / photo.asset.height > 1.15;
  if (content.words === null && isWide) return await drawVoiceUnderPhoto(easel, content, photo, seconds);
  return await drawVoiceBesidePhoto(easel, content, photo, seconds);
}

async function drawVoiceCard(easel: Easel, content: VoiceContent): Promise<ScenePaint> {
  const { theme, frame } = easel;
  const inset = cardInset(frame);
  const name = fitName(easel, content.name, {
    sizePx: theme.type.namePx,
    leastPx: theme.type.leastPx,
    measurePx: frame.width - 2 * inset,
  });
  const direction = content.words?.direction ?? name?.direction ?? "ltr";
  const align = direction === "rtl" ? "right" : "left";
  const height = content.words === null ? 230 : columnWaveUnits;
  let waveTop = 0;
  const words = easel.drawOverlay((context) => {
    const place = {
      x: direction === "rtl" ? frame.width - inset : inset,
      centreY: frame.height / 2,
      align,
    } as const;
    const between = content.words === null ? height + 130 : height;
    waveTop = drawSignedWords(
      easel,
      context,
      { page: content.words, name, betweenUnits: between },
      place,
    ).betweenTop;
  });
  const box = { x: inset, y: waveTop, width: frame.width - 2 * inset, height };
  const wave = drawWaveform(
    easel,
    await readLoudnesses(content.sound, box.width),
    { box, ink: easel.theme.colours },
    content,
  );
  return {
    ground: drawPlainGround(easel, direction),
    clip: null,
    overlays: [...wave, ...(words === null ? [] : [words])],
  };
}

/** In a square or tall frame. */
async function drawVoiceBelowPhoto(
  easel: Easel,
  content: VoiceContent,
  photo: PhotoPixels,
  seconds: number,
): Promise<ScenePaint> {
  const block = { words: content.words, name: content.name, betweenUnits: columnWaveUnits };
  const timed = { seconds, ordinal: content.ordinal };
  const { ground, words, between } = await drawStackedPhoto(easel, photo, block, timed);
  const { theme } = easel;
  const wave = drawWaveform(
    easel,
    await readLoudnesses(content.sound, between.width),
    { box: between, ink: theme.colours },
    content,
  );
  return { ground, clip: null, overlays: [...wave, ...(words === null ? [] : [words])] };
}

async function drawVoiceBesidePhoto(
  easel: Easel,
  content: VoiceContent,
  photo: PhotoPixels,
  seconds: number,
): Promise<ScenePaint> {
  const { namePx, leastPx } = easel.theme.type;
  const direction = content.words?.direction ?? "ltr";
  const area = photoAreaBesideWords(easel.frame, direction);
  const { ground } = await drawFramedGround(easel, photo, area, { seconds, ordinal: content.ordinal });
  const { x, measurePx, align } = wordsColumn(easel.frame, direction);
  const name = fitName(easel, content.name, { sizePx: namePx, leastPx, measurePx });
  let waveTop = 0;
  const words = easel.drawOverlay((context) => {
    const block = { page: content.words, name, betweenUnits: columnWaveUnits };
    waveTop = drawSignedWords(easel, context, block, {
      x,
      centreY: easel.frame.height / 2,
      align,
    }).betweenTop;
  });
  const left = align === "left" ? x : x - measurePx;
  const box = { x: left, y: waveTop, width: measurePx, height: columnWaveUnits };
  const wave = drawWaveform(
    easel,
    await readLoudnesses(content.sound, measurePx),
    { box, ink: easel.theme.colours },
    content,
  );
  return { ground, clip: null, overlays: [...wave, ...(words === null ? [] : [words])] };
}

async function drawVoiceUnderPhoto(
  easel: Easel,
  content: VoiceContent,
  photo: PhotoPixels,
  seconds: number,
): Promise<ScenePaint> {
  const timed = { seconds, ordinal: content.ordinal };
  const isFull = fillsFrame(photo.asset, easel.settings);
  const { ground, coloursIn } = isFull
    ? await drawCoverGround(easel, photo, timed)
    : await drawFramedGround(easel, photo, photoAreaAboveBand(easel.frame), timed);
  const lowerThird = layOutLowerThird(easel, content.name, bandWave.measure);
  const box = waveBeside(easel, lowerThird);
  const behind = coloursIn({ ...(lowerThird?.box ?? box), x: 0, width: easel.frame.width });
  const ink = isFull ? easel.theme.onPicture : easel.theme.colours;
  const band = isFull
    ? drawLowerThirdOnPicture(easel, lowerThird, behind, () => undefined)
    : easel.drawOverlay((context) => {
        if (lowerThird !== null) drawLowerThird(context, ink, lowerThird);
      });
  const wave = drawWaveform(easel, await readLoudnesses(content.sound, box.width), { box, ink }, content);
  return { ground, clip: null, overlays: [...(band === null ? [] : [band]), ...wave] };
}

/** From the name to the other margin, at the name's height. */
function waveBeside({ frame }: Easel, lowerThird: LowerThird | null): Box {
  const nameWidth = lowerThird === null ? 0 : Math.max(lowerThird.box.width, 240) + bandWave.gap;
  const width = frame.width - 2 * frame.margin.x - nameWidth;
  const x = lowerThird?.align === "right" ? frame.margin.x : frame.margin.x + nameWidth;
  return { x, y: nameBaseline(frame) - 32 - bandWave.height / 2, width, height: bandWave.height };
}
