import { KeepsakeError } from "../../errors.js";
import { askInTerminal } from "./ask-in-terminal.js";
import type { CommandContext } from "../context.js";

export const confirmArgument = {
  confirm: {
    type: "string",
    description: "The number that the command must find; without it, a terminal asks for it.",
    valueHint: "count",
  },
} as const;

/**
 * Returns only when the operator has given the right number, by `--confirm` or typed in a terminal.
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
      text: `${what}. Type ${count} to continue: `,
      otherwise: `${what}: confirm it with --confirm ${count}.`,
      unanswered: "No number was given: nothing was changed.",
    }));
  if (answer.trim() === String(count)) return;
  throw new KeepsakeError(
    "not-confirmed",
    `The number is ${count}, not "${answer.slice(0, 20)}": nothing was changed.`,
  );
}
