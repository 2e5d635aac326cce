import { KeepsakeError } from "../errors.js";
import { askInTerminal } from "./ask-in-terminal.js";
import type { CommandContext } from "./context.js";

export const confirmArgument = {
  confirm: {
    type: "string",
    description: "How many there are; refused when the number is another. In a terminal it is asked for.",
    valueHint: "count",
  },
} as const;

/**
 * Lets pass who knows how many are concerned: by `--confirm`, or typed in a terminal.
 * @param what e.g. `3 jobs are cancelled`
 * @throws KeepsakeError `not-confirmed`, having changed nothing
 */
export async function confirmCount(
  context: CommandContext,
  count: number,
  what: string,
  given: string | undefined,
): Promise<void> {
  const answer =
    given ??
    (await askInTerminal(context, {
      text: `${what}. Type ${count} to go on: `,
      otherwise: `${what}: confirm it with --confirm ${count}.`,
      unanswered: "No number was typed: nothing was done.",
    }));
  if (answer.trim() === String(count)) return;
  throw new KeepsakeError(
    "not-confirmed",
    `The number is ${count}, not "${answer.slice(0, 20)}": nothing was done.`,
  );
}
