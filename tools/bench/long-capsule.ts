import { appendFile, copyFile, mkdir } from "node:fs/promises";
import path from "node:path";

import type { CapsuleContent, Message } from "../../dist/capsule/content.js";
import { KeepsakeError } from "../../dist/errors.js";
import { runChild } from "../../dist/process/run-child.js";
import type { MadeLong, MakeLongInput } from "./make-long-child.js";
import { makeMixedCapsule } from "./mixed-capsule.js";

/** Reasons why a capsule is long: a recording of many minutes, or many messages or names. */
export const longSubjects = ["voice", "clip", "messages", "names"] as const;
export type LongSubject = (typeof longSubjects)[number];

export interface LongCapsuleOptions {
  readonly subject: LongSubject;
  /** Minutes of a recording, or the number of messages or names. */
  readonly amount: number;
  /** Size of the film, and of a clip in it. */
  readonly picture: { readonly width: number; readonly height: number };
  /** Private and existing folder; messages name media by paths relative to it. */
  readonly folder: string;
  readonly cores: number;
  readonly signal: AbortSignal;
}

const mediaTimeoutSeconds = 3600;
/** Number of different messages; further ones have copies of their media, each with other bytes. */
const distinctMessages = 20;

/** Makes a capsule of generated media. */
export async function makeLongCapsule(options: LongCapsuleOptions): Promise<CapsuleContent> {
  const { subject, amount, folder, cores, signal } = options;
  await mkdir(folder, { recursive: true });
  if (subject === "voice" || subject === "clip") return await makeRecording(subject, options);
  if (subject === "names") {
    const messages = Array.from({ length: amount }, (_, index) => messageOf(index, { text: "Thank you." }));
    return { capsule, messages };
  }
  const mixed = await makeMixedCapsule({
    messageCount: Math.min(distinctMessages, amount),
    isBrief: true,
    folder,
    cores,
    signal,
  });
  const messages: Message[] = [];
  for (let index = 0; index < amount; index += 1) {
    const like = mixed.messages[index % mixed.messages.length];
    if (like === undefined) throw new KeepsakeError("internal", "There are no messages to repeat.");
    const photo = like.imageReference;
    const copy = index < mixed.messages.length || photo === null ? photo : `copy-${index}.jpg`;
    if (copy !== null && photo !== null && copy !== photo) {
      await copyFile(path.join(folder, photo), path.join(folder, copy));
      // Decoders ignore bytes after the end of the picture.
      await appendFile(path.join(folder, copy), `copy ${index}`);
    }
    messages.push({ ...messageOf(index, like), imageReference: copy });
  }
  return { capsule, messages };
}

async function makeRecording(
  subject: "voice" | "clip",
  { amount, picture, folder, signal }: LongCapsuleOptions,
): Promise<CapsuleContent> {
  const name = subject === "voice" ? "long.ogg" : "long.mp4";
  await runChild<MakeLongInput, MadeLong>(
    new URL("./make-long-child.js", import.meta.url),
    { minutes: amount, picture: subject === "voice" ? null : picture, path: path.join(folder, name) },
    { folder, signal, timeoutSeconds: mediaTimeoutSeconds },
  );
  const own = subject === "voice" ? { audioReference: name } : { videoReference: name };
  return { capsule, messages: [messageOf(0, own)] };
}

const capsule: CapsuleContent["capsule"] = {
  id: "00000000-0000-4000-8000-000000000000",
  status: "closed",
  honoree: "Margarethe Lindqvist",
  bornOn: "1938-04-02",
  diedOn: "2026-01-19",
  theme: null,
};

const firstNames = ["Ruth", "Margarethe", "Anne", "Bob", "Christopher", "Maria", "Max", "Ingrid", "Peter"];
const lastNames = ["Lindqvist", "Brown", "Hohenstein", "Nguyen", "O’Callaghan", "Garcia", "Li"];

function messageOf(index: number, own: Partial<Message>): Message {
  const first = firstNames[index % firstNames.length];
  const last = lastNames[Math.floor(index / firstNames.length) % lastNames.length];
  return {
    submittedAt: null,
    text: null,
    imageReference: null,
    audioReference: null,
    videoReference: null,
    transcript: null,
    ...own,
    id: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
    contributorName: `${first} ${last} ${index + 1}`,
  };
}
