import { isFileColumn, isFileProblem, type CapsuleContent, type Message } from "../capsule/content.js";
import { KeepsakeError } from "../errors.js";
import type { AssetField } from "../media/asset.js";
import type { ColumnResult } from "./assign-assets.js";
import { addressRejected } from "./fetch/check-url.js";
import { splitReferences } from "./fetch/split-references.js";

/** More files than anyone chooses for one message. */
const maxFilesInColumn = 10;

/** One file that a message names. */
export interface Column {
  readonly messageId: string;
  readonly field: AssetField;
  readonly reference: string;
}

/** Lists the files that a message names; a column may contain a list of them. */
export function listColumns(message: Message): Column[] {
  return fileColumnsOf(message).flatMap(([field, reference]) =>
    splitReferences(reference ?? "")
      .slice(0, maxFilesInColumn)
      .map((one) => ({ messageId: message.id, field, reference: one })),
  );
}

/** Lists the references of all messages that a film fetches. */
export function listReferences({ messages }: CapsuleContent): readonly string[] {
  return [...new Set(messages.flatMap(listColumns).map(({ reference }) => reference))];
}

/** Lists errors for columns that should name a file but do not; their messages get a card with the reason. */
export function listUnusableColumns({
  messages,
  problems = [],
}: CapsuleContent): Map<string, ColumnResult[]> {
  const results = new Map<string, ColumnResult[]>();
  const add = (messageId: string, more: readonly ColumnResult[]): void => {
    if (more.length > 0) results.set(messageId, [...(results.get(messageId) ?? []), ...more]);
  };
  for (const { messageId, field, code, reason } of problems) {
    if (messageId === null || !isFileColumn(field) || !isFileProblem({ field, code })) continue;
    add(messageId, [{ field, outcome: new KeepsakeError(code, reason) }]);
  }
  for (const message of messages) add(message.id, listOverlongColumns(message));
  return results;
}

/** Only the end of a list that is too long is left out, and its message gets a card with the reason. */
function listOverlongColumns(message: Message): ColumnResult[] {
  return fileColumnsOf(message).flatMap(([field, reference]) => {
    const { length } = splitReferences(reference ?? "");
    if (length <= maxFilesInColumn) return [];
    const outcome = addressRejected(
      `it is a list of ${length} addresses, of which only the first ${maxFilesInColumn} are used`,
    );
    return [{ field, outcome }];
  });
}

function fileColumnsOf(message: Message): readonly (readonly [AssetField, string | null])[] {
  return [
    ["content_image_url", message.imageReference],
    ["content_audio_url", message.audioReference],
    ["content_video_url", message.videoReference],
  ];
}
