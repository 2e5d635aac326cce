/**
 * A capsule and its messages as the film needs them: validated, trimmed of control characters, in film order.
 * Rows come from a database that belongs to somebody else, so nothing about them is believed before it is parsed.
 */
export interface Capsule {
  readonly id: string;
  readonly status: string;
  /** Who the film is for: `title`, `name` or `honoree_name`, whichever the table has and is not empty. */
  readonly honoree: string | null;
  /** ISO dates (YYYY-MM-DD), where the table has such columns. */
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
  /** URL, `bucket/path`, or a list of them, as written in the row; untrusted. */
  readonly imageReference: string | null;
  readonly audioReference: string | null;
  readonly videoReference: string | null;
  readonly transcript: string | null;
}

/** Columns that name a file. */
const fileColumns = ["content_image_url", "content_audio_url", "content_video_url"] as const;
type FileColumn = (typeof fileColumns)[number];

export function isFileColumn(field: string): field is FileColumn {
  return fileColumns.some((column) => column === field);
}

/** Whether a problem is of a file, so that the message gets a card that says so. */
export function isFileProblem({ field, code }: Pick<RowProblem, "field" | "code">): boolean {
  return isFileColumn(field) && code === "media-address-refused";
}

/** A column that holds nothing that can be used: the film is made without it. */
export interface RowProblem {
  /** Null: of the capsule's own row. */
  readonly messageId: string | null;
  /** The column. */
  readonly field: string;
  /** `media-address-refused` where it should have named a file: the message gets a card that says so. */
  readonly code: "field-unusable" | "media-address-refused";
  /** A sentence; never what the column holds. */
  readonly reason: string;
}

/** Messages ordered by `submitted_at`, then `id`. */
export interface CapsuleContent {
  readonly capsule: Capsule;
  readonly messages: readonly Message[];
  /** Absent where every column could be used. */
  readonly problems?: readonly RowProblem[];
}
