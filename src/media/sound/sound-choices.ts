import { AV_DISPOSITION_DEFAULT } from "node-av/constants";
import type { Stream } from "node-av/lib";

import { ambisonicMatrix, type Ambisonics, type ChannelMatrix } from "./channel-matrix.js";
import { readIamf } from "./iamf.js";

/** One sound track as the tables of a movie describe it (ISO/IEC 14496-12, 8.3.2; QuickTime File Format). */
export interface SoundTrack {
  readonly id: number;
  readonly isEnabled: boolean;
  /** Tracks with the same number are alternatives; 0 means no group. */
  readonly group: number;
  /** Gain; 1 leaves the level as recorded. */
  readonly volume: number;
  readonly ambisonics: Ambisonics | null;
  /** Content of an `iacb` box. */
  readonly iamf: Uint8Array | null;
}

/** A stream, and its gains for the mix to stereo; with null, its channels are mixed by their positions. */
export interface SoundPart {
  readonly streamIndex: number;
  readonly matrix: ChannelMatrix | null;
}

/** One recording: a stream, or several with some of the channels each. */
export interface SoundCandidate {
  readonly parts: readonly SoundPart[];
  /** Gain when it is mixed with others. */
  readonly gain: number;
}

/** Alternatives, best first, of which one is used. */
export interface SoundChoice {
  readonly candidates: readonly SoundCandidate[];
  /** True when the candidates may be layers of one recording. Layers are mixed, but of equal ones only one is used. */
  readonly mayBeLayers: boolean;
}

export interface SoundChoices {
  /** The choices, which are mixed with each other. */
  readonly choices: readonly SoundChoice[];
  /** True when channels are missing because their positions are unknown. */
  readonly isPartial: boolean;
}

/** Limits of decoded tracks. */
const maxChoices = 8;
const maxCandidates = 8;
/** Largest gain of a track. */
const maxVolume = 4;
/** FFmpeg splits a mono channel between both sides; this gain makes it as loud as other tracks in a mix. */
const monoGain = Math.SQRT2;

interface Member {
  readonly candidate: SoundCandidate;
  readonly stream: Stream;
  readonly track: SoundTrack | null;
}

/**
 * Chooses the sound of a file as players do: for a movie, all enabled tracks, but only one of each alternate group; for
 * other containers, one stream.
 *
 * @param streams streams that can be decoded, in order of preference
 * @param tracks null when the container has no such tables
 */
export function soundChoices(
  streams: readonly Stream[],
  tracks: readonly SoundTrack[] | null,
  hasPictures: boolean,
): SoundChoices {
  const { members, isPartial } = membersOf(streams, tracks);
  const played = tracks === null ? [] : members.filter(isPlayed);
  const groups = new Map<string, Member[]>();
  for (const [index, member] of played.entries()) {
    const group = member.track?.group ?? 0;
    const key = group === 0 ? `alone ${index}` : `group ${group}`;
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  if (groups.size === 0) groups.set("all", []);
  const [only] = groups.size === 1 ? groups.values() : [];
  for (const member of members.filter((other) => !played.includes(other))) {
    const alternatives = groups.get(`group ${member.track?.group ?? 0}`) ?? only;
    alternatives?.push(member);
  }
  const choices = [...groups.values()]
    .filter(({ length }) => length > 0)
    .map((group) => ({
      candidates: group
        .toSorted(byPlacing)
        .slice(0, maxCandidates)
        .map(({ candidate }) => candidate),
      mayBeLayers: tracks !== null && !hasPictures && areLayers(group),
    }));
  return { choices: choices.slice(0, maxChoices), isPartial };
}

function membersOf(
  streams: readonly Stream[],
  tracks: readonly SoundTrack[] | null,
): { members: Member[]; isPartial: boolean } {
  const immersive = tracks?.find(({ iamf }) => iamf !== null) ?? null;
  // FFmpeg makes a stream of each substream of the immersive track; no other stream of a movie lacks a tag.
  const isOfImmersive = (stream: Stream): boolean => immersive !== null && stream.codecpar.codecTag === 0;
  const substreams = streams.filter(isOfImmersive).toSorted((a, b) => a.index - b.index);
  const members = streams
    .filter((stream) => !isOfImmersive(stream))
    .map((stream): Member => {
      const track = tracks?.find(({ id }) => id === stream.id) ?? null;
      const kind = track?.ambisonics ?? null;
      const matrix = kind === null ? null : ambisonicMatrix(kind, stream.codecpar.channels);
      const volume = Math.min(maxVolume, track === null || track.volume === 0 ? 1 : track.volume);
      const gain = stream.codecpar.channels === 1 ? monoGain * volume : volume;
      return { candidate: { parts: [{ streamIndex: stream.index, matrix }], gain }, stream, track };
    });
  const [first] = substreams;
  if (immersive === null || first === undefined) return { members, isPartial: false };
  const placed = readIamf(immersive.iamf as Uint8Array);
  const parts = (placed ?? []).flatMap(({ place, matrix }): SoundPart[] => {
    const stream = substreams[place];
    return stream === undefined ? [] : [{ streamIndex: stream.index, matrix }];
  });
  const isPartial = parts.length === 0 || parts.length !== placed?.length;
  const known = isPartial ? [{ streamIndex: first.index, matrix: null }] : parts;
  return {
    members: [...members, { candidate: { parts: known, gain: 1 }, stream: first, track: immersive }],
    isPartial,
  };
}

/** Whether a track is enabled and not muted. If all are muted, that was not intended, and they count as audible. */
function isPlayed({ track }: Member, _index: number, all: readonly Member[]): boolean {
  if (track === null || !track.isEnabled) return false;
  return track.volume > 0 || all.every((member) => (member.track?.volume ?? 0) === 0);
}

/** Order: a stereo mix by the recorder before the ambisonics that it was mixed from; then enabled tracks before others. */
function byPlacing(a: Member, b: Member): number {
  const isAmbisonic = ({ track }: Member): number => Number((track?.ambisonics ?? null) !== null);
  return isAmbisonic(a) - isAmbisonic(b) || Number(isDefault(b)) - Number(isDefault(a));
}

function isDefault({ track, stream }: Member): boolean {
  return track?.isEnabled ?? (stream.disposition & AV_DISPOSITION_DEFAULT) !== 0;
}

/** Whether alternatives may be layers of one recording. Tracks in different languages are translations instead. */
function areLayers(members: readonly Member[]): boolean {
  const languages = members.map(({ stream }) => stream.metadata?.get("language") ?? "und");
  return members.length > 1 && new Set(languages.filter((language) => language !== "und")).size < 2;
}
