import { KeepsakeError } from "../../errors.js";
import { deathCauses, type DeadLetterKind, type DeathCause } from "../../operator/dead-letters.js";

export const letterArgument = {
  type: "positional",
  description: "Number of the dead letter, as `keepsake failed` shows it.",
  valueHint: "number",
} as const;

export const kindArguments = {
  code: {
    type: "string" as const,
    description: "Only dead letters with this error code.",
    valueHint: "code",
  },
  reason: {
    type: "enum" as const,
    options: [...deathCauses],
    description: "Only dead letters with this cause.",
  },
};

/** @throws KeepsakeError `usage` */
export function readLetterNumber(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new KeepsakeError(
    "usage",
    `"${text}" is not the number of a dead letter; \`keepsake failed\` lists them.`,
  );
}

export function readKind(args: {
  readonly code?: string | undefined;
  readonly reason?: DeathCause | undefined;
}): DeadLetterKind {
  return { code: args.code ?? null, cause: args.reason ?? null };
}

/**
 * Reads the selection of dead letters: one by its number, or many by `--all`, `--code` or `--reason`.
 * @returns null for many
 * @throws KeepsakeError `usage`
 */
export function readOneOrMany(args: {
  readonly letter?: string | undefined;
  readonly all: boolean;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
}): bigint | null {
  const many = args.all || args.code !== undefined || args.reason !== undefined;
  if (many === (args.letter !== undefined)) {
    throw new KeepsakeError(
      "usage",
      "Use either the number of one dead letter or --all, --code or --reason.",
    );
  }
  return args.letter === undefined ? null : readLetterNumber(args.letter);
}
