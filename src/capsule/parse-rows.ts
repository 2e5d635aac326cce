import { KeepsakeError } from "../errors.js";
import {
  isFileProblem,
  type Capsule,
  type CapsuleContent,
  type Message,
  type RowProblem,
} from "./content.js";
import { isUuid } from "./is-uuid.js";
import {
  maxCapsuleTextCharacters,
  maxCapsuleTranscriptCharacters,
  maxMessages,
  maxTextCharacters,
  maxTranscriptCharacters,
} from "./limits.js";
import { countCharacters, createRowReader, type RowReader } from "./row-reader.js";

type Row = Readonly<Record<string, unknown>>;

/** An id that can be written to a log line, a file name and a terminal without escaping. */
const plainId = /^\w[\w.:-]{0,99}$/;
/** Nobody has lived longer, so one of the two dates is wrong. */
const maxYears = 130;

/**
 * Converts rows as JSON (from the database or a `capsule.json`) to the content of a film. Optional columns are used when
 * they exist. No text is cut, and an unusable column does not cost the message (`docs/limits.md` has the rules).
 *
 * @param now dates of birth or death after it are rejected
 * @throws KeepsakeError `capsule-invalid`, `capsule-too-large` or `nothing-to-film`, which names the place and never
 *   repeats the value
 */
export function parseRows(capsuleRow: unknown, messageRows: unknown, now = new Date()): CapsuleContent {
  const problems: RowProblem[] = [];
  const capsule = toCapsule(asRow(capsuleRow, "The capsule"), now, problems);
  if (!Array.isArray(messageRows)) throw invalid("The messages are not a list");
  rejectTooManyMessages(messageRows.length);
  const rows = messageRows.map((row, index) => asRow(row, `Message ${index + 1}`));
  const ids = toIds(rows, problems);
  const messages = rows.map((row, index) => {
    const id = ids[index] as string;
    rejectMessageOfOther(row, index, capsule);
    const ownId = String(row["id"]) === id ? id : null;
    const reader = createRowReader(
      row,
      `Message ${index + 1}`,
      (problem) => problems.push({ messageId: id, ...problem }),
      ownId,
    );
    return toMessage(id, reader);
  });
  rejectTooLong(messages);
  const inOrder = messages.sort(inFilmOrder);
  const shown = withoutEmpty(withinTranscripts(inOrder, problems), problems);
  if (shown.length === 0) {
    throw new KeepsakeError(
      "nothing-to-film",
      "No message of the capsule has words, a photo, a voice or a video, so there is nothing to make a film of.",
    );
  }
  return { capsule, messages: shown, ...(problems.length > 0 && { problems }) };
}

export function rejectTooManyMessages(messageCount: number): void {
  if (messageCount <= maxMessages) return;
  throw new KeepsakeError(
    "capsule-too-large",
    `The capsule has ${messageCount} messages; a film has at most ${maxMessages}. Split the capsule.`,
  );
}

/** @param characters number of characters in the words of all messages */
export function rejectTooManyCharacters(characters: number): void {
  if (characters <= maxCapsuleTextCharacters) return;
  throw new KeepsakeError(
    "capsule-too-large",
    `The messages of the capsule have ${characters} characters together; a film has at most ` +
      `${maxCapsuleTextCharacters}, a day of reading. Split the capsule.`,
  );
}

function toCapsule(row: Row, now: Date, problems: RowProblem[]): Capsule {
  if (typeof row["id"] !== "string" || !isUuid(row["id"])) throw invalid("The capsule's id is not a UUID");
  const reader = createRowReader(row, "The capsule", (problem) =>
    problems.push({ messageId: null, ...problem }),
  );
  const status = row["status"];
  return {
    id: row["id"].toLowerCase(),
    status: typeof status === "string" ? status : "",
    honoree: firstOf(["title", "name", "honoree_name"], (column) => reader.name(column)),
    ...toLife(reader, now),
    theme: reader.name("theme"),
  };
}

/** Reads the dates of birth and death. No date on the first card of the film is better than an impossible one. */
function toLife(reader: RowReader, now: Date): Pick<Capsule, "bornOn" | "diedOn"> {
  // The latest date that is today anywhere on earth.
  const latest = new Date(now.getTime() + 14 * 3_600_000).toISOString().slice(0, 10);
  const read = (column: string): string | null => {
    const date = reader.date(column);
    if (date === null || (date <= latest && date >= "1000")) return date;
    reader.report(column, "is in the future, or before the year 1000");
    return null;
  };
  const bornOn = firstOf(["birth_date", "date_of_birth", "born_on"], read);
  const diedOn = firstOf(["death_date", "date_of_death", "died_on"], read);
  if (bornOn === null || diedOn === null) return { bornOn, diedOn };
  const years = Number(diedOn.slice(0, 4)) - Number(bornOn.slice(0, 4));
  // Only the common precision is compared: a year or a month is not before a day in it.
  const known = Math.min(bornOn.length, diedOn.length);
  if (diedOn.slice(0, known) >= bornOn.slice(0, known) && years <= maxYears) return { bornOn, diedOn };
  reader.report("birth_date", `and death are ${years} years apart, so neither is shown`);
  return { bornOn: null, diedOn: null };
}

function firstOf(columns: readonly string[], read: (column: string) => string | null): string | null {
  for (const column of columns) {
    const value = read(column);
    if (value !== null) return value;
  }
  return null;
}

/** Each message is identified by its id. A message with an unusable or duplicate id gets a new one. */
function toIds(rows: readonly Row[], problems: RowProblem[]): readonly string[] {
  const used = new Set<string>();
  const ids = rows.map(({ id }) => {
    const text = Number.isSafeInteger(id) ? String(id) : id;
    const isGood = typeof text === "string" && plainId.test(text) && !used.has(text);
    if (isGood) used.add(text);
    return isGood ? text : null;
  });
  return ids.map((id, index) => {
    if (id !== null) return id;
    let standIn = `message-${index + 1}`;
    while (used.has(standIn)) standIn += "-";
    used.add(standIn);
    const reason = `Message ${index + 1}: id is missing, unusable, or the same as another message's.`;
    problems.push({ messageId: standIn, field: "id", code: "field-unusable", reason });
    return standIn;
  });
}

function toMessage(id: string, reader: RowReader): Message {
  return {
    id,
    contributorName: reader.name("contributor_name"),
    submittedAt: reader.timestamp("submitted_at"),
    text: reader.words("content_text", maxTextCharacters),
    imageReference: reader.reference("content_image_url"),
    audioReference: reader.reference("content_audio_url"),
    videoReference: reader.reference("content_video_url"),
    transcript: reader.transcript("transcript", maxTranscriptCharacters),
  };
}

function rejectTooLong(messages: readonly Message[]): void {
  rejectTooManyCharacters(messages.reduce((sum, { text }) => sum + countCharacters(text ?? ""), 0));
}

/** Drops transcripts beyond the limit in the order of the film, so that they are the same ones each time. */
function withinTranscripts(messages: readonly Message[], problems: RowProblem[]): readonly Message[] {
  let characters = 0;
  return messages.map((message) => {
    characters += countCharacters(message.transcript ?? "");
    if (message.transcript === null || characters <= maxCapsuleTranscriptCharacters) return message;
    const reason = `The transcripts of all messages together are longer than ${maxCapsuleTranscriptCharacters} characters, so this one is not used.`;
    problems.push({ messageId: message.id, field: "transcript", code: "field-unusable", reason });
    return { ...message, transcript: null };
  });
}

/** Rejects a message of another capsule, which a `capsule.json` may contain. In the database the query prevents it. */
function rejectMessageOfOther({ capsule_id: capsuleId }: Row, index: number, capsule: Capsule): void {
  if (typeof capsuleId !== "string" || capsuleId.toLowerCase() === capsule.id) return;
  throw invalid(`Message ${index + 1} belongs to another capsule`);
}

/** Leaves out messages without visible content, with or without a name: their scene would be an empty card. */
function withoutEmpty(messages: readonly Message[], problems: RowProblem[]): readonly Message[] {
  const withCard = new Set(problems.filter(isFileProblem).map(({ messageId }) => messageId));
  return messages.filter((message) => {
    if (hasContent(message) || withCard.has(message.id)) return true;
    const reason = `Message ${message.id} has no words, photo, voice or video, so it is not in the film.`;
    problems.push({ messageId: message.id, field: "content_text", code: "field-unusable", reason });
    return false;
  });
}

function hasContent({ text, imageReference, audioReference, videoReference }: Message): boolean {
  return (text ?? imageReference ?? audioReference ?? videoReference) !== null;
}

/** Orders by `submitted_at`, then `id`, as code points. Messages without a time come last. */
function inFilmOrder(a: Message, b: Message): number {
  if (a.submittedAt !== b.submittedAt) {
    if (a.submittedAt === null) return 1;
    if (b.submittedAt === null) return -1;
    return a.submittedAt < b.submittedAt ? -1 : 1;
  }
  return a.id < b.id ? -1 : 1;
}

function asRow(value: unknown, where: string): Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  throw invalid(`${where} is not a row`);
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError("capsule-invalid", `${what}: correct the capsule's rows, then retry the job.`);
}
