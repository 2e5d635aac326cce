import { AV_DISPOSITION_DEFAULT } from "node-av/constants";
import type { Stream } from "node-av/lib";

import { ambisonicMatrix, type Ambisonics, type ChannelMatrix } from "./channel-matrix.js";
import { readIamf } from "./iamf.js";

/** What a movie's own tables say of one of its sound tracks (ISO/IEC 14496-12, 8.3.2; QuickTime File Format). */
export interface SoundTrack {
  readonly id: number;
  readonly isEnabled: boolean;
  /** Tracks of the same number are alternatives; 0 is none. */
  readonly group: number;
  /** 1 is as recorded. */
  readonly volume: number;
  readonly ambisonics: Ambisonics | null;
  /** Content of an `iacb` box. */
  readonly iamf: Uint8Array | null;
}

/** A stream, and how it is mixed to stereo; null by what it says of its channels. */
export interface SoundPart {
  readonly streamIndex: number;
  readonly matrix: ChannelMatrix | null;
}

/** One recording: a stream, or several that hold some channels each. */
export interface SoundCandidate {
  readonly parts: readonly SoundPart[];
  /** Where it is heard together with others. */
  readonly gain: number;
}

/** Alternatives, best first, one of which is heard. */
export interface SoundChoice {
  readonly takes: readonly SoundCandidate[];
  /** They may also be layers of one recording, which are heard together where they are not the same. */
  readonly mayBeLayers: boolean;
}

export interface SoundChoices {
  /** All of them are heard together. */
  readonly choices: readonly SoundChoice[];
  /** Channels are missing because nothing says where they belong. */
  readonly isPartial: boolean;
}

/** More tracks than these are not decoded. */
const maxChoices = 8;
const maxTakes = 8;
/** A track may be made louder, within reason. */
const maxVolume = 4;
/** FFmpeg shares one channel between two sides; beside others it is heard from both as loud as they are. */
const monoGain = Math.SQRT2;

interface Member {
  readonly take: SoundCandidate;
  readonly stream: Stream;
  readonly track: SoundTrack | null;
}

/**
 * Which sound of a file is heard, as players do it: of a movie all enabled tracks together, but of each alternate group
 * one; of other containers one.
 *
 * @param streams that can be decoded, in the order of preference
 * @param tracks null where the container has no such tables
 */
export function soundChoices(
  streams: readonly Stream[],
  tracks: readonly SoundTrack[] | null,
  hasPictures: boolean,
): SoundChoices {
  const { members, isPartial } = membersOf(streams, tracks);
  const heard = tracks === null ? [] : members.filter(isHeard);
  const groups = new Map<string, Member[]>();
  for (const [index, member] of heard.entries()) {
    const group = member.track?.group ?? 0;
    const key = group === 0 ? `alone ${index}` : `group ${group}`;
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  if (groups.size === 0) groups.set("all", []);
  const [only] = groups.size === 1 ? groups.values() : [];
  for (const member of members.filter((other) => !heard.includes(other))) {
    const alternatives = groups.get(`group ${member.track?.group ?? 0}`) ?? only;
    alternatives?.push(member);
  }
  const choices = [...groups.values()]
    .filter(({ length }) => length > 0)
    .map((group) => ({
      takes: group
        .toSorted(byPlacing)
        .slice(0, maxTakes)
        .map(({ take }) => take),
      mayBeLayers: tracks !== null && !hasPictures && areLayers(group),
    }));
  return { choices: choices.slice(0, maxChoices), isPartial };
}

function membersOf(
  streams: readonly Stream[],
  tracks: readonly SoundTrack[] | null,
): { members: Member[]; isPartial: boolean } {
  const immersive = tracks?.find(({ iamf }) => iamf !== null) ?? null;
  // FFmpeg makes a stream of each of its substreams, and no other stream of a movie lacks a tag.
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
      return { take: { parts: [{ streamIndex: stream.index, matrix }], gain }, stream, track };
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
    members: [...members, { take: { parts: known, gain: 1 }, stream: first, track: immersive }],
    isPartial,
  };
}

/** Enabled and not muted; where all are muted, nobody meant it. */
function isHeard({ track }: Member, _index: number, all: readonly Member[]): boolean {
  if (track === null || !track.isEnabled) return false;
  return track.volume > 0 || all.every((member) => (member.track?.volume ?? 0) === 0);
}

/** What was mixed to stereo by its maker before the sphere it was mixed from; else the enabled before others. */
function byPlacing(a: Member, b: Member): number {
  const isSphere = ({ track }: Member): number => Number((track?.ambisonics ?? null) !== null);
  return isSphere(a) - isSphere(b) || Number(isDefault(b)) - Number(isDefault(a));
}

function isDefault({ track, stream }: Member): boolean {
  return track?.isEnabled ?? (stream.disposition & AV_DISPOSITION_DEFAULT) !== 0;
}

/** Tracks in different languages say the same. */
function areLayers(members: readonly Member[]): boolean {
  const languages = members.map(({ stream }) => stream.metadata?.get("language") ?? "und");
  return members.length > 1 && new Set(languages.filter((language) => language !== "und")).size < 2;
}
