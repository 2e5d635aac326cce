import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import type { Capsule, CapsuleContent, Message } from "./content.js";
import { cleanText, parseDate, parseTimestamp } from "./clean-value.js";

export const maxMessages = 500;
export const maxTextCharacters = 20_000;
/** An hour of speech with its times. */
const maxTranscriptCharacters = 200_000;
const maxNameCharacters = 500;
const maxReferenceCharacters = 4_000;

/** Missing, null, empty and blank are one and the same: nothing. */
const text = (most: number) =>
  z
    .string()
    .max(most)
    .nullish()
    .transform((value) => cleanText(value ?? ""));

const name = text(maxNameCharacters);
const words = text(maxTextCharacters);
const reference = text(maxReferenceCharacters);
/** In a column of JSON it comes as the value itself. */
const transcript = z.preprocess(
  (value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : value),
  text(maxTranscriptCharacters),
);
const date = z
  .union([z.string().max(64), z.null()])
  .optional()
  .transform(parseDate);

const capsuleSchema = z.object({
  id: z.guid(),
  status: z.string().max(64).nullish(),
  title: name,
  name,
  honoree_name: name,
  birth_date: date,
  date_of_birth: date,
  born_on: date,
  death_date: date,
  date_of_death: date,
  died_on: date,
  theme: name,
});

const messageSchema = z.object({
  id: z.union([z.string().min(1).max(200), z.number().int().transform(String)]),
  contributor_name: name,
  submitted_at: z.string().max(64).nullish().transform(parseTimestamp),
  content_text: words,
  content_image_url: reference,
  content_audio_url: reference,
  content_video_url: reference,
  transcript,
});

/**
 * Rows as JSON (of the database, or of a `capsule.json`) to the content of a film. Columns that a capsule need not
 * have are used when they are there; nothing is cut, and what is beyond bounds is refused.
 * @throws KeepsakeError `capsule-invalid`, `capsule-too-large` or `nothing-to-film`; says where, never what
 */
export function parseRows(capsuleRow: unknown, messageRows: unknown): CapsuleContent {
  const row = parse(capsuleSchema, capsuleRow, "The capsule");
  const capsule: Capsule = {
    id: row.id,
    status: row.status ?? "",
    honoree: row.title ?? row.name ?? row.honoree_name,
    bornOn: row.birth_date ?? row.date_of_birth ?? row.born_on,
    diedOn: row.death_date ?? row.date_of_death ?? row.died_on,
    theme: row.theme,
  };
  const rows = parse(z.array(z.unknown()), messageRows, "The list of messages");
  refuseTooMany(rows.length);
  const messages = rows.map((one, index) => toMessage(parse(messageSchema, one, `Message ${index + 1}`)));
  refuseTwins(messages);
  if (!messages.some(hasContent)) {
    throw new KeepsakeError(
      "nothing-to-film",
      "No message of the capsule has words, a photo, a voice or a video: there is nothing to film.",
    );
  }
  return { capsule, messages: messages.sort(inFilmOrder) };
}

export function refuseTooMany(messageCount: number): void {
  if (messageCount <= maxMessages) return;
  throw new KeepsakeError(
    "capsule-too-large",
    `The capsule has ${messageCount} messages; a film holds at most ${maxMessages}. Split the capsule.`,
  );
}

function toMessage(row: z.infer<typeof messageSchema>): Message {
  return {
    id: row.id,
    contributorName: row.contributor_name,
    submittedAt: row.submitted_at,
    text: row.content_text,
    imageReference: row.content_image_url,
    audioReference: row.content_audio_url,
    videoReference: row.content_video_url,
    transcript: row.transcript,
  };
}

function hasContent({ text: said, imageReference, audioReference, videoReference }: Message): boolean {
  return (said ?? imageReference ?? audioReference ?? videoReference) !== null;
}

/** By `submitted_at`, then `id`, as code points; messages without a time come last. */
function inFilmOrder(a: Message, b: Message): number {
  if (a.submittedAt !== b.submittedAt) {
    if (a.submittedAt === null) return 1;
    if (b.submittedAt === null) return -1;
    return a.submittedAt < b.submittedAt ? -1 : 1;
  }
  return a.id < b.id ? -1 : 1;
}

/** Assets are known by their message's id. */
function refuseTwins(messages: readonly Message[]): void {
  if (new Set(messages.map(({ id }) => id)).size === messages.length) return;
  throw new KeepsakeError("capsule-invalid", "Two messages of the capsule have the same id.");
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const tooLarge = issues.find(({ code }) => code === "too_big");
  const fault = tooLarge ?? issues[0];
  throw new KeepsakeError(
    tooLarge === undefined ? "capsule-invalid" : "capsule-too-large",
    `${where} is not usable: ${fault?.path.join(".") || "it"}: ${fault?.message ?? "invalid"}.`,
  );
}
