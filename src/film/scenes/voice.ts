import type { Box } from "../model/box.js";
import type { FrameShape } from "../model/frame-units.js";
import type { VoiceContent } from "../model/scene.js";
import type { ScenePaint } from "../model/scene-paint.js";
import { travelOf, type Travel } from "../model/travel.js";
import type { Easel } from "./drawing/drawing-context.js";
import { fitName } from "./text/fit-name.js";
import { drawPlainGround } from "./drawing/backgrounds.js";
import {
  drawLowerThird,
  drawLowerThirdOnPicture,
  layOutLowerThird,
  nameBaseline,
  type LowerThird,
} from "./text/lower-third.js";
import { photoAreaAboveBand } from "./photos/photo-areas.js";
import {
  canCover,
  drawCoverGround,
  drawFramedGround,
  drawTravelGround,
  type PhotoGround,
  type Timed,
} from "./photos/photo-background.js";
import { loadPhotoPixels, type PhotoPixels } from "./drawing/photo-pixels.js";
import { drawPhotoWithWords } from "./photos/photo-with-words.js";
import { choosePictureInk } from "./text/choose-text-colours.js";
import { drawSignedWords } from "./text/signed-words.js";
import { drawWaveform, readLoudnesses } from "./waveform.js";
import { cardInset } from "./words.js";

/** Height of a waveform between words, or a photo, and the name. */
const waveBetweenUnits: Readonly<Record<FrameShape, number>> = { wide: 136, square: 100, tall: 136 };
/** A longer name stands in a column beside the photo. */
const mostLinesInBand = 2;
const bandWave = { height: 120, gap: 90, measure: 560 };

/**
 * A voice with its waveform: over a card of its own, or with the message's photo, which is always shown whole and
 * sharp: over the frame or above the waveform, and in a wide frame beside it where it is tall or has words.
 */
export async function drawVoice(easel: Easel, content: VoiceContent, seconds: number): Promise<ScenePaint> {
  if (content.photo === null) return await drawVoiceCard(easel, content);
  const photo = await loadPhotoPixels(content.photo);
  const timed = { seconds, zoomsIn: content.zoomsIn };
  const isWide = easel.frame.shape === "wide" && photo.asset.width / photo.asset.height > 1.15;
  const name = layOutLowerThird(easel, content.name, bandWave.measure)?.name ?? null;
  const isInBand = (name?.lines.length ?? 0) <= mostLinesInBand;
  const isTravelled = travelOf(photo.asset, easel.settings) !== null;
  if (isTravelled || (content.words === null && isWide && isInBand))
    return await drawVoiceUnderPhoto(easel, content, photo, timed);
  return await drawVoiceWithWords(easel, content, photo, timed);
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
  const height = content.words === null ? 230 : waveBetweenUnits[frame.shape];
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

async function drawVoiceWithWords(
  easel: Easel,
  content: VoiceContent,
  photo: PhotoPixels,
  timed: Timed,
): Promise<ScenePaint> {
  const { words, name, sound } = content;
  const block = { words, name, betweenUnits: waveBetweenUnits[easel.frame.shape] };
  const { ground, words: drawn, between } = await drawPhotoWithWords(easel, photo, block, timed);
  const loudnesses = await readLoudnesses(sound, between.width);
  const wave = drawWaveform(easel, loudnesses, { box: between, ink: easel.theme.colours }, content);
  return { ground, clip: null, overlays: [...wave, ...(drawn === null ? [] : [drawn])] };
}

async function drawVoiceUnderPhoto(
  easel: Easel,
  content: VoiceContent,
  photo: PhotoPixels,
  timed: Timed,
): Promise<ScenePaint> {
  const lowerThird = layOutLowerThird(easel, content.name, bandWave.measure);
  const box = waveBeside(easel, lowerThird);
  const bandBox = { ...(lowerThird?.box ?? box), x: 0, width: easel.frame.width };
  const travel = travelOf(photo.asset, easel.settings);
  const isFull = travel !== null || canCover(easel, photo, bandBox, timed);
  const { ground, coloursIn } = await drawGroundUnderVoice(easel, photo, { travel, isFull, timed });
  const scrimmed = choosePictureInk(easel.theme, coloursIn(bandBox));
  const ink = isFull ? scrimmed : easel.theme.colours;
  const band = isFull
    ? drawLowerThirdOnPicture(easel, lowerThird, scrimmed, { acrossFrame: true })
    : easel.drawOverlay((context) => {
        if (lowerThird !== null) drawLowerThird(context, ink, lowerThird);
      });
  const wave = drawWaveform(easel, await readLoudnesses(content.sound, box.width), { box, ink }, content);
  return { ground, clip: null, overlays: [...(band === null ? [] : [band]), ...wave] };
}

async function drawGroundUnderVoice(
  easel: Easel,
  photo: PhotoPixels,
  { travel, isFull, timed }: { travel: Travel | null; isFull: boolean; timed: Timed },
): Promise<PhotoGround> {
  if (travel !== null)
    return await drawTravelGround(easel, photo, travel, { x: 0, foot: easel.frame.margin.y });
  if (isFull) return await drawCoverGround(easel, photo, timed);
  return await drawFramedGround(easel, photo, photoAreaAboveBand(easel.frame), timed);
}

/** From the name to the other margin, at the name's height. */
function waveBeside({ frame }: Easel, lowerThird: LowerThird | null): Box {
  const nameWidth = lowerThird === null ? 0 : Math.max(lowerThird.box.width, 240) + bandWave.gap;
  const width = frame.width - 2 * frame.margin.x - nameWidth;
  const x = lowerThird?.align === "right" ? frame.margin.x : frame.margin.x + nameWidth;
  return { x, y: nameBaseline(frame) - 32 - bandWave.height / 2, width, height: bandWave.height };
}
