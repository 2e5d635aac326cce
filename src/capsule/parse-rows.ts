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

/** Fits into a log line, a file's name and a terminal as it is. */
const plainId = /^\w[\w.:-]{0,99}$/;
/** Nobody has lived longer; one of the two dates is wrong. */
const mostYears = 130;

/**
 * Rows as JSON (of the database, or of a `capsule.json`) to the content of a film. Columns that a capsule need not
 * have are used when they are there. Nothing is cut; a column that cannot be used costs no message
 * (`docs/limits.md` says what becomes of which).
 *
 * @param now no date of birth or death lies after it
 * @throws KeepsakeError `capsule-invalid`, `capsule-too-large` or `nothing-to-film`; says where, never what
 */
export function parseRows(capsuleRow: unknown, messageRows: unknown, now = new Date()): CapsuleContent {
  const problems: RowProblem[] = [];
  const capsule = toCapsule(asRow(capsuleRow, "The capsule"), now, problems);
  if (!Array.isArray(messageRows)) throw invalid("The list of messages is none");
  rejectTooManyMessages(messageRows.length);
  const rows = messageRows.map((row, index) => asRow(row, `Message ${index + 1}`));
  const ids = toIds(rows, problems);
  const messages = rows.map((row, index) => {
    const id = ids[index] as string;
    refuseStranger(row, index, capsule);
    const ownId = String(row["id"]) === id ? id : null;
    const reader = createRowReader(
      row,
      `Message ${index + 1}`,
      (problem) => problems.push({ messageId: id, ...problem }),
      ownId,
    );
    return toMessage(id, reader);
  });
  refuseTooLong(messages);
  const inOrder = messages.sort(inFilmOrder);
  const kept = withoutEmpty(withinTranscripts(inOrder, problems), problems);
  if (kept.length === 0) {
    throw new KeepsakeError(
      "nothing-to-film",
      "No message of the capsule has words, a photo, a voice or a video: there is nothing to film.",
    );
  }
  return { capsule, messages: kept, ...(problems.length > 0 && { problems }) };
}

export function rejectTooManyMessages(messageCount: number): void {
  if (messageCount <= maxMessages) return;
  throw new KeepsakeError(
    "capsule-too-large",
    `The capsule has ${messageCount} messages; a film holds at most ${maxMessages}. Split the capsule.`,
  );
}

/** @param characters of the words of all messages */
export function rejectTooManyCharacters(characters: number): void {
  if (characters <= maxCapsuleTextCharacters) return;
  throw new KeepsakeError(
    "capsule-too-large",
    `The messages of the capsule have ${characters} characters together; a film holds at most ` +
      `${maxCapsuleTextCharacters}, a day of reading. Split the capsule.`,
  );
}

function toCapsule(row: Row, now: Date, problems: RowProblem[]): Capsule {
  if (typeof row["id"] !== "string" || !isUuid(row["id"])) throw invalid("The capsule's id is no uuid");
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

/** A year that cannot be is worse than none on the first card of the film. */
function toLife(reader: RowReader, now: Date): Pick<Capsule, "bornOn" | "diedOn"> {
  // Today, wherever it is today already.
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
  // Of a year or a month alone it is not known that it comes before a day in it.
  const known = Math.min(bornOn.length, diedOn.length);
  if (diedOn.slice(0, known) >= bornOn.slice(0, known) && years <= mostYears) return { bornOn, diedOn };
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

/** Everything of a message is known by its id; one whose id cannot serve, or is another's too, gets one. */
function toIds(rows: readonly Row[], problems: RowProblem[]): readonly string[] {
  const taken = new Set<string>();
  const ids = rows.map(({ id }) => {
    const text = Number.isSafeInteger(id) ? String(id) : id;
    const isGood = typeof text === "string" && plainId.test(text) && !taken.has(text);
    if (isGood) taken.add(text);
    return isGood ? text : null;
  });
  return ids.map((id, index) => {
    if (id !== null) return id;
    let standIn = `message-${index + 1}`;
    while (taken.has(standIn)) standIn += "-";
    taken.add(standIn);
    const reason = `Message ${index + 1}: id is missing, not of a kind that can be used, or another message's too.`;
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

function refuseTooLong(messages: readonly Message[]): void {
  rejectTooManyCharacters(messages.reduce((sum, { text }) => sum + countCharacters(text ?? ""), 0));
}

/** In the order of the film, so that the same go without theirs each time. */
function withinTranscripts(messages: readonly Message[], problems: RowProblem[]): readonly Message[] {
  let characters = 0;
  return messages.map((message) => {
    characters += countCharacters(message.transcript ?? "");
    if (message.transcript === null || characters <= maxCapsuleTranscriptCharacters) return message;
    const reason = `The transcripts of all messages together are longer than ${maxCapsuleTranscriptCharacters} characters.`;
    problems.push({ messageId: message.id, field: "transcript", code: "field-unusable", reason });
    return { ...message, transcript: null };
  });
}

/** A `capsule.json` may have been put together wrongly; in the database the query sees to it. */
function refuseStranger({ capsule_id: capsuleId }: Row, index: number, capsule: Capsule): void {
  if (typeof capsuleId !== "string" || capsuleId.toLowerCase() === capsule.id) return;
  throw invalid(`Message ${index + 1} is of another capsule`);
}

/** Leaves out messages in which nothing shows, named or not: a scene of nothing would be an empty card. */
function withoutEmpty(messages: readonly Message[], problems: RowProblem[]): readonly Message[] {
  const withCard = new Set(problems.filter(isFileProblem).map(({ messageId }) => messageId));
  return messages.filter((message) => {
    if (hasContent(message) || withCard.has(message.id)) return true;
    const reason = `Message ${message.id} has no words, photo, voice or video, so the film passes over it.`;
    problems.push({ messageId: message.id, field: "content_text", code: "field-unusable", reason });
    return false;
  });
}

function hasContent({ text, imageReference, audioReference, videoReference }: Message): boolean {
  return (text ?? imageReference ?? audioReference ?? videoReference) !== null;
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

function asRow(value: unknown, where: string): Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  throw invalid(`${where} is no row`);
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError("capsule-invalid", `${what}: correct the capsule's rows, then retry the job.`);
}
