import { open } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { ticksPerSecond } from "../../media/mp4/mp4-track.js";
import { readMovie, type Movie, type MovieTrack } from "../../media/mp4/read-movie.js";
import { readSamples } from "../../media/mp4/read-samples.js";
import type { InspectionPlan, PlannedChapter } from "../inspection-plan.js";

/** Where pictures and sound are in the file. */
export interface FilmStreams {
  readonly pictures: number;
  readonly sound: number;
}

const entryTypes: Readonly<Record<string, string>> = {
  vide: "avc1",
  soun: "mp4a",
  sbtl: "tx3g",
  text: "text",
};

/**
 * What a player reads before it plays: the order of boxes, tracks, where each begins and ends, and chapters.
 *
 * @throws KeepsakeError `film-structure-wrong`, `film-chapters-wrong`, `film-damaged`
 */
export async function inspectStructure(path: string, plan: InspectionPlan): Promise<FilmStreams> {
  const movie = await readMovie(path);
  const { boxes, tracks } = movie;
  if (boxes.indexOf("moov") > boxes.indexOf("mdat")) {
    throw wrong("it cannot be played before it is loaded whole: mdat comes before moov");
  }
  const expected = ["vide", "soun"];
  if (plan.hasCaptions) expected.push("sbtl");
  if (plan.chapters.length > 0) expected.push("text");
  const found = tracks.map(({ handler }) => handler);
  if (found.join() !== expected.join()) throw wrong(`its tracks are ${found.join()}, not ${expected.join()}`);
  const strange = tracks.find(({ handler, entryType }) => entryTypes[handler] !== entryType);
  if (strange !== undefined) throw wrong(`its ${strange.handler} track holds ${strange.entryType}`);
  const odd = tracks.find(({ handler, enabled }) => enabled !== (handler === "vide" || handler === "soun"));
  if (odd !== undefined) throw wrong(`its ${odd.handler} track is ${odd.enabled ? "" : "not "}on by default`);
  for (const track of tracks) inspectLength(movie, track, plan);

  const chapters = plan.chapters.length === 0 ? [] : await readChapters(path, movie, plan.fps);
  if (JSON.stringify(chapters) !== JSON.stringify(plan.chapters)) {
    throw new KeepsakeError("film-chapters-wrong", "The film's chapters are not those that were planned.");
  }
  return { pictures: found.indexOf("vide"), sound: found.indexOf("soun") };
}

/** One edit that begins with the first shown frame or heard sample and lasts exactly as long as the film. */
function inspectLength(movie: Movie, track: MovieTrack, plan: InspectionPlan): void {
  const { edits, handler } = track;
  const [edit] = edits;
  if (edit === undefined || edits.length !== 1) throw wrong(`its ${handler} track has ${edits.length} edits`);
  const planned = plan.frameCount * plan.samplesPerFrame;
  const ticks = (edit.durationTicks * ticksPerSecond) / movie.ticksPerSecond;
  if (ticks !== planned) throw wrong(`its ${handler} track lasts ${ticks} samples instead of ${planned}`);
}

/** Chapters as Apple's players read them: the samples of a text track that the pictures refer to. */
async function readChapters(path: string, { tracks }: Movie, fps: number): Promise<PlannedChapter[]> {
  const track = tracks.find(({ handler }) => handler === "text");
  const referring = tracks.find(({ handler }) => handler === "vide")?.chapterTrackIds ?? [];
  if (track === undefined || !referring.includes(track.id)) return [];
  const { samples } = track;
  const file = await open(path, "r");
  try {
    const chapters: PlannedChapter[] = [];
    let ticks = 0;
    for (let sample = 0; sample < samples.count; sample++) {
      const bytes = await readSamples(file, samples, sample, 1);
      const duration = samples.durations[sample] as number;
      chapters.push({
        title: bytes.toString("utf8", 2, 2 + bytes.readUInt16BE(0)),
        firstFrame: (ticks * fps) / track.ticksPerSecond,
        frameCount: (duration * fps) / track.ticksPerSecond,
      });
      ticks += duration;
    }
    return chapters;
  } finally {
    await file.close();
  }
}

function wrong(what: string): KeepsakeError {
  return new KeepsakeError("film-structure-wrong", `The film is not put together as planned: ${what}.`);
}
