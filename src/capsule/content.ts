/**
 * A capsule and its messages in the form that a film needs: validated, without control characters, in film order. The rows
 * come from a third party's database, so all their values are untrusted until they are parsed.
 */
export interface Capsule {
  readonly id: string;
  readonly status: string;
  /** Name of the honoured person: the first of `title`, `name` and `honoree_name` that exists and is not empty. */
  readonly honoree: string | null;
  /** ISO date (YYYY-MM-DD), month or year; null without such a column. */
  readonly bornOn: string | null;
  readonly diedOn: string | null;
  readonly theme: string | null;
}

export interface Message {
  /** Letters, digits and `_.:-`; unique in its capsule. */
  readonly id: string;
  readonly contributorName: string | null;
  /** ISO 8601, or null when the row has none. */
  readonly submittedAt: string | null;
  readonly text: string | null;
  /** URL, `bucket/path`, or a list of them, as written in the row. The text is untrusted. */
  readonly imageReference: string | null;
  readonly audioReference: string | null;
  readonly videoReference: string | null;
  readonly transcript: string | null;
}

/** Names of the columns that refer to a file. */
const fileColumns = ["content_image_url", "content_audio_url", "content_video_url"] as const;
type FileColumn = (typeof fileColumns)[number];

export function isFileColumn(field: string): field is FileColumn {
  return fileColumns.some((column) => column === field);
}

/** Whether a problem concerns a file, so that the film shows a card in its place. */
export function isFileProblem({ field, code }: Pick<RowProblem, "field" | "code">): boolean {
  return isFileColumn(field) && code === "media-address-refused";
}

/** A column whose value cannot be used: the film is made without it. */
export interface RowProblem {
  /** Id of the message; null for the capsule's own row. */
  readonly messageId: string | null;
  /** Name of the column. */
  readonly field: string;
  /** `media-address-refused` if the column should name a file: the film then shows a card in its place. */
  readonly code: "field-unusable" | "media-address-refused";
  /** A sentence that never repeats the value of the column. */
  readonly reason: string;
}

/** A capsule with its messages, ordered by `submitted_at`, then `id`. */
export interface CapsuleContent {
  readonly capsule: Capsule;
  readonly messages: readonly Message[];
  /** Absent when every column could be used. */
  readonly problems?: readonly RowProblem[];
}
