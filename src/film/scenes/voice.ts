import type { Box } from "../model/box.js";
import type { FrameShape } from "../model/frame-units.js";
import type { VoiceContent } from "../model/scene.js";
import type { SceneLayers } from "../model/scene-layers.js";
import { travelOf, type Travel } from "../model/travel.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import { fitName } from "./text/fit-name.js";
import { drawPlainBackground } from "./drawing/backgrounds.js";
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
  drawCoverBackground,
  drawFramedBackground,
  drawTravelBackground,
  type PhotoBackground,
  type Timed,
} from "./photos/photo-background.js";
import { loadPhotoPixels, type PhotoPixels } from "./drawing/photo-pixels.js";
import { drawPhotoWithWords } from "./photos/photo-with-words.js";
import { chooseTextColours } from "./text/choose-text-colours.js";
import { drawSignedWords } from "./text/signed-words.js";
import { drawWaveform, readLoudnesses } from "./waveform.js";
import { cardInset } from "./words.js";

/** Height of a waveform between words, or a photo, and the name. */
const waveBetweenUnits: Readonly<Record<FrameShape, number>> = { wide: 136, square: 100, tall: 136 };
/** Maximum lines of a name beside the waveform; a longer name is set in a column beside the photo. */
const maxLinesInBand = 2;
const bandWave = { height: 120, gap: 90, measure: 560 };

/**
 * Draws a voice with its waveform: on a card of its own, or with the message's photo. The photo is always sharp and
 * not cropped beyond its subject: over the frame or above the waveform, and in a wide frame beside it where it is
 * tall or has words.
 */
export async function drawVoice(
  drawing: DrawingContext,
  content: VoiceContent,
  seconds: number,
): Promise<SceneLayers> {
  if (content.photo === null) return await drawVoiceCard(drawing, content);
  const photo = await loadPhotoPixels(content.photo);
  const timed = { seconds, zoomsIn: content.zoomsIn };
  const isWide = drawing.frame.shape === "wide" && photo.asset.width / photo.asset.height > 1.15;
  const name = layOutLowerThird(drawing, content.name, bandWave.measure)?.name ?? null;
  const isInBand = (name?.lines.length ?? 0) <= maxLinesInBand;
  const isTravelled = travelOf(photo.asset, drawing.settings) !== null;
  if (isTravelled || (content.words === null && isWide && isInBand))
    return await drawVoiceUnderPhoto(drawing, content, photo, timed);
  return await drawVoiceWithWords(drawing, content, photo, timed);
}

async function drawVoiceCard(drawing: DrawingContext, content: VoiceContent): Promise<SceneLayers> {
  const { theme, frame } = drawing;
  const inset = cardInset(frame);
  const name = fitName(drawing, content.name, {
    sizePx: theme.type.namePx,
    minPx: theme.type.minPx,
    measurePx: frame.width - 2 * inset,
  });
  const direction = content.words?.direction ?? name?.direction ?? "ltr";
  const align = direction === "rtl" ? "right" : "left";
  const height = content.words === null ? 230 : waveBetweenUnits[frame.shape];
  let waveTop = 0;
  const words = drawing.drawOverlay((context) => {
    const place = {
      x: direction === "rtl" ? frame.width - inset : inset,
      centreY: frame.height / 2,
      align,
    } as const;
    const between = content.words === null ? height + 130 : height;
    waveTop = drawSignedWords(
      drawing,
      context,
      { page: content.words, name, betweenUnits: between },
      place,
    ).betweenTop;
  });
  const box = { x: inset, y: waveTop, width: frame.width - 2 * inset, height };
  const wave = drawWaveform(
    drawing,
    await readLoudnesses(content.sound, box.width),
    { box, colours: drawing.theme.colours },
    content,
  );
  return {
    background: drawPlainBackground(drawing, direction),
    clip: null,
    overlays: [...wave, ...(words === null ? [] : [words])],
  };
}

async function drawVoiceWithWords(
  drawing: DrawingContext,
  content: VoiceContent,
  photo: PhotoPixels,
  timed: Timed,
): Promise<SceneLayers> {
  const { words, name, sound } = content;
  const block = { words, name, betweenUnits: waveBetweenUnits[drawing.frame.shape] };
  const { background, words: drawn, between } = await drawPhotoWithWords(drawing, photo, block, timed);
  const loudnesses = await readLoudnesses(sound, between.width);
  const wave = drawWaveform(drawing, loudnesses, { box: between, colours: drawing.theme.colours }, content);
  return { background, clip: null, overlays: [...wave, ...(drawn === null ? [] : [drawn])] };
}

async function drawVoiceUnderPhoto(
  drawing: DrawingContext,
  content: VoiceContent,
  photo: PhotoPixels,
  timed: Timed,
): Promise<SceneLayers> {
  const lowerThird = layOutLowerThird(drawing, content.name, bandWave.measure);
  const box = waveBeside(drawing, lowerThird);
  const bandBox = { ...(lowerThird?.box ?? box), x: 0, width: drawing.frame.width };
  const travel = travelOf(photo.asset, drawing.settings);
  const isFull = travel !== null || canCover(drawing, photo, bandBox, timed);
  const { background, coloursIn } = await drawBackgroundUnderVoice(drawing, photo, { travel, isFull, timed });
  const scrimmed = chooseTextColours(drawing.theme, coloursIn(bandBox));
  const colours = isFull ? scrimmed : drawing.theme.colours;
  const band = isFull
    ? drawLowerThirdOnPicture(drawing, lowerThird, scrimmed, { acrossFrame: true })
    : drawing.drawOverlay((context) => {
        if (lowerThird !== null) drawLowerThird(context, colours, lowerThird);
      });
  const wave = drawWaveform(
    drawing,
    await readLoudnesses(content.sound, box.width),
    { box, colours },
    content,
  );
  return { background, clip: null, overlays: [...(band === null ? [] : [band]), ...wave] };
}

async function drawBackgroundUnderVoice(
  drawing: DrawingContext,
  photo: PhotoPixels,
  { travel, isFull, timed }: { travel: Travel | null; isFull: boolean; timed: Timed },
): Promise<PhotoBackground> {
  if (travel !== null)
    return await drawTravelBackground(drawing, photo, travel, { x: 0, bottomUnits: drawing.frame.margin.y });
  if (isFull) return await drawCoverBackground(drawing, photo, timed);
  return await drawFramedBackground(drawing, photo, photoAreaAboveBand(drawing.frame), timed);
}

/** The waveform reaches from the name to the other margin, at the name's height. */
function waveBeside({ frame }: DrawingContext, lowerThird: LowerThird | null): Box {
  const nameWidth = lowerThird === null ? 0 : Math.max(lowerThird.box.width, 240) + bandWave.gap;
  const width = frame.width - 2 * frame.margin.x - nameWidth;
  const x = lowerThird?.align === "right" ? frame.margin.x : frame.margin.x + nameWidth;
  return { x, y: nameBaseline(frame) - 32 - bandWave.height / 2, width, height: bandWave.height };
}
