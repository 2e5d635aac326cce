import { mkdir } from "node:fs/promises";
import path from "node:path";

import type { CapsuleContent, Message } from "../../dist/capsule/content.js";
import { runChild } from "../../dist/process/run-child.js";
import { mapConcurrent } from "../../dist/async/map-concurrent.js";
import type { MakeMediumInput } from "./make-medium-child.js";
import type { MakePhotoInput } from "./make-photo-child.js";

export interface MixedCapsuleOptions {
  readonly messageCount: number;
  /** Private and existing folder for the media, which messages name by paths relative to it. */
  readonly folder: string;
  /** Whether voices and clips last two seconds and texts are short, so that a long film takes less time to make. */
  readonly isBrief?: boolean;
  /** Processes that generate media at the same time. */
  readonly cores: number;
  readonly signal: AbortSignal;
}

/** Size of a phone's photos. */
const photoSize = { width: 4032, height: 3024 };
const clipPicture = { width: 1280, height: 720, isPhones: false };
const briefSeconds = 2;
const stepSeconds = 600;

/** Contents of ten messages, repeated: five have a photo, two a voice, two a clip, and four some text. */
const kinds: readonly Kind[] = [
  { photo: true, words: "short" },
  { photo: true, voiceSeconds: 16 },
  { words: "long" },
  { clipSeconds: 8 },
  { photo: true },
  { words: "short" },
  { photo: true },
  { voiceSeconds: 24 },
  { clipSeconds: 12 },
  { photo: true, words: "short" },
];

interface Kind {
  readonly photo?: true;
  readonly voiceSeconds?: number;
  readonly clipSeconds?: number;
  readonly words?: keyof typeof words;
}

const words = {
  short: "She taught me to bake, to row and to wait for the right moment. I think of her every morning.",
  long:
    "The summer we spent by the lake was the best of my childhood. Every evening she read to us on the porch until " +
    "the light was gone, and then she told the rest by heart. I have the book still, with her notes in the margin, " +
    "and when I read it to my own children I hear how she paused before the good parts. Thank you for all of it.",
} as const;

/** Makes a capsule like those of families, of generated media. All files differ. */
export async function makeMixedCapsule(options: MixedCapsuleOptions): Promise<CapsuleContent> {
  const capsule = {
    id: "00000000-0000-4000-8000-000000000000",
    status: "closed",
    honoree: "Margarethe Lindqvist",
    bornOn: "1938-04-02",
    diedOn: "2026-01-19",
    theme: null,
  };
  const numbers = Array.from({ length: options.messageCount }, (_, index) => index);
  await mkdir(options.folder, { recursive: true });
  const messages = await mapConcurrent(numbers, options.cores, options.signal, (number, stop) =>
    makeMixedMessage(number, { ...options, signal: stop }),
  );
  return { capsule, messages };
}

/** @param number decides what the message contains; messages with different numbers share no file */
export async function makeMixedMessage(
  number: number,
  { folder, signal, isBrief = false }: Pick<MixedCapsuleOptions, "folder" | "signal" | "isBrief">,
): Promise<Message> {
  const usual = kinds[number % kinds.length] ?? {};
  const kind = isBrief ? brief(usual) : usual;
  const file = (extension: string): string => `${number}.${extension}`;
  const child = { folder, signal, timeoutSeconds: stepSeconds };
  const imageReference = kind.photo === undefined ? null : file("jpg");
  const audioReference = kind.voiceSeconds === undefined ? null : file("ogg");
  const videoReference = kind.clipSeconds === undefined ? null : file("mp4");
  if (imageReference !== null) {
    const task = new URL("./make-photo-child.js", import.meta.url);
    const input = { seed: number + 1, ...photoSize, path: path.join(folder, imageReference) };
    await runChild<MakePhotoInput, null>(task, input, child);
  }
  const task = new URL("./make-medium-child.js", import.meta.url);
  if (audioReference !== null) {
    const input = { seed: number + 1, seconds: kind.voiceSeconds ?? 0, picture: null };
    await runChild<MakeMediumInput, null>(task, { ...input, path: path.join(folder, audioReference) }, child);
  }
  if (videoReference !== null) {
    const input = { seed: number + 1, seconds: kind.clipSeconds ?? 0, picture: clipPicture };
    await runChild<MakeMediumInput, null>(task, { ...input, path: path.join(folder, videoReference) }, child);
  }
  return {
    id: `00000000-0000-4000-8000-${String(number + 1).padStart(12, "0")}`,
    contributorName: `Contributor ${number + 1}`,
    submittedAt: null,
    text: kind.words === undefined ? null : words[kind.words],
    imageReference,
    audioReference,
    videoReference,
    transcript: null,
  };
}

function brief(kind: Kind): Kind {
  return {
    ...kind,
    ...(kind.voiceSeconds === undefined ? {} : { voiceSeconds: briefSeconds }),
    ...(kind.clipSeconds === undefined ? {} : { clipSeconds: briefSeconds }),
    ...(kind.words === undefined ? {} : { words: "short" }),
  };
}
