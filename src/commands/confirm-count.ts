import { createInterface } from "node:readline/promises";

import { KeepsakeError } from "../errors.js";
import { Stop } from "../stop.js";
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
  const answer = given ?? (await ask(context, count, what));
  if (answer.trim() === String(count)) return;
  throw new KeepsakeError(
    "not-confirmed",
    `The number is ${count}, not "${answer.slice(0, 20)}": nothing was done.`,
  );
}

async function ask({ input, screen, signal }: CommandContext, count: number, what: string): Promise<string> {
  if (!input.isTTY || !screen.isTTY) {
    throw new KeepsakeError("not-confirmed", `${what}: confirm it with --confirm ${count}.`);
  }
  const terminal = createInterface({ input, output: screen });
  // While it asks, the terminal hands us Ctrl-C as a key, not as a signal.
  const left = new AbortController();
  terminal.once("SIGINT", () => left.abort(new Stop("shutdown", "Ctrl-C was pressed.")));
  terminal.once("close", () =>
    left.abort(new KeepsakeError("not-confirmed", "No number was typed: nothing was done.")),
  );
  const asking = AbortSignal.any([signal, left.signal]);
  try {
    return await terminal.question(`${what}. Type ${count} to go on: `, { signal: asking });
  } catch (error) {
    // Ctrl-D refuses the question before the terminal is closed, in some versions of Node.
    terminal.close();
    asking.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
