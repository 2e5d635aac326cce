import { KeepsakeError } from "../../errors.js";
import { ticksPerSecond } from "../../mp4/mp4-track.js";
import { videoConfig, type Movie, type MovieTrack } from "../../mp4/read-movie.js";
import type { InspectionPlan } from "./inspection-plan.js";

const entryTypes: Readonly<Record<string, string>> = {
  vide: "avc1",
  soun: "mp4a",
  sbtl: "tx3g",
  text: "text",
};

/** All boxes that our films may have. None can hold metadata of source files, such as where a photo was taken. */
const boxPaths = new Set(
  [
    "mvhd trak trak/tkhd trak/edts trak/tref trak/mdia",
    "udta udta/chpl udta/meta udta/meta/hdlr udta/meta/ilst",
    "udta/meta/ilst/\u{a9}nam udta/meta/ilst/\u{a9}day",
  ].flatMap((paths) => paths.split(" ")),
);

/** `colr`: nclx, primaries, transfer and matrix of BT.709, limited range. */
const bt709 = Buffer.from("6e636c7800010001000100", "hex");

/**
 * Checks what a player reads before it plays: the order of boxes, the tracks, where each begins and ends, colour and
 * title.
 *
 * @throws KeepsakeError `film-structure-wrong`, `film-format-wrong`, `film-frame-count-wrong`, `film-tags-wrong`
 */
export function inspectStructure(movie: Movie, plan: InspectionPlan): void {
  const { boxes, tracks } = movie;
  if (boxes.join() === "ftyp,mdat,moov") {
    throw wrong("it cannot be played before it is completely loaded, because mdat comes before moov");
  }
  if (boxes.join() !== "ftyp,moov,mdat") throw wrong(`its boxes are ${boxes.join()}, not ftyp,moov,mdat`);
  const expected = ["vide", "soun"];
  if (plan.captions.length > 0) expected.push("sbtl");
  if (plan.chapters.length > 0) expected.push("text");
  const found = tracks.map(({ handler }) => handler);
  if (found.join() !== expected.join()) throw wrong(`its tracks are ${found.join()}, not ${expected.join()}`);
  const strange = tracks.find(({ handler, entryType }) => entryTypes[handler] !== entryType);
  if (strange !== undefined) throw wrong(`its ${strange.handler} track contains ${strange.entryType}`);
  const odd = tracks.find(({ handler, enabled }) => enabled !== (handler === "vide" || handler === "soun"));
  if (odd !== undefined) throw wrong(`its ${odd.handler} track is ${odd.enabled ? "" : "not "}on by default`);
  for (const track of tracks) {
    if (track.handler === "vide") inspectPictures(track, plan);
    inspectLength(movie, track, plan);
  }
  inspectTags(movie, plan);
}

/** Checks that frames follow each other at an even pace, in the planned size and colours. */
function inspectPictures(track: MovieTrack, { width, height, frameCount, fps }: InspectionPlan): void {
  const { samples, entry } = track;
  const size = `${entry.readUInt16BE(24)}x${entry.readUInt16BE(26)}`;
  if (size !== `${width}x${height}`) throw wrongFormat(`of ${size} pixels instead of ${width}x${height}`);
  if (videoConfig(track, "colr")?.equals(bt709) !== true)
    throw wrongFormat("not tagged as BT.709, limited range");
  if (samples.count !== frameCount) {
    throw new KeepsakeError(
      "film-frame-count-wrong",
      `The film has ${samples.count} frames where ${frameCount} were planned.`,
    );
  }
  const uneven = samples.durations.findIndex((ticks) => ticks * fps !== track.ticksPerSecond);
  if (uneven >= 0) throw wrong(`its frame ${uneven} is not shown for a ${fps}th of a second`);
  // Decoding and display order differ, but each place is taken once, from the first shown frame on.
  const frameTicks = track.ticksPerSecond / fps;
  const start = track.edits[0]?.startTicks ?? 0;
  const places = Array.from(
    samples.compositionOffsets,
    (offset, sample) => (sample * frameTicks + offset - start) / frameTicks,
  );
  const gap = places.toSorted((a, b) => a - b).findIndex((place, frame) => place !== frame);
  if (gap >= 0) throw wrong(`no picture is shown at frame ${gap}`);
}

/** Checks that one edit begins with the first frame or sample and lasts exactly as long as the film. */
function inspectLength(movie: Movie, track: MovieTrack, plan: InspectionPlan): void {
  const { edits, handler } = track;
  const [edit] = edits;
  if (edit === undefined || edits.length !== 1) throw wrong(`its ${handler} track has ${edits.length} edits`);
  const planned = plan.frameCount * plan.samplesPerFrame;
  const ticks = (edit.durationTicks * ticksPerSecond) / movie.ticksPerSecond;
  if (ticks !== planned) throw wrong(`its ${handler} track lasts ${ticks} samples instead of ${planned}`);
}

function inspectTags({ paths, metadata }: Movie, { title, date }: InspectionPlan): void {
  const strange = paths.find((path) => !boxPaths.has(path));
  if (strange !== undefined) throw wrongTags(`it contains ${strange}, which Keepsake does not write`);
  const tags = [
    ["title", "\u{a9}nam", title],
    ["date", "\u{a9}day", date],
  ] as const;
  for (const [name, type, planned] of tags) {
    if ((metadata.get(type) ?? null) !== planned)
      throw wrongTags(`its ${name} is not the one that was planned`);
  }
}

function wrong(what: string): KeepsakeError {
  return new KeepsakeError("film-structure-wrong", `The film is not put together as planned: ${what}.`);
}

function wrongFormat(what: string): KeepsakeError {
  return new KeepsakeError("film-format-wrong", `The film's pictures are ${what}.`);
}

function wrongTags(what: string): KeepsakeError {
  return new KeepsakeError("film-tags-wrong", `The film's tags are wrong: ${what}.`);
}
