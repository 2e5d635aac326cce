import { KeepsakeError, type ErrorCode } from "../../../dist/errors.js";
import { mark } from "./nasty-values.js";
import type { Chance } from "../random.js";

/** An entry point for untrusted values. */
export interface Target {
  readonly name: string;
  /** A value with something wrong in it, or a lot. */
  readonly mutate: (chance: Chance) => unknown;
  /** Sentences about what should not be; none when all is well. */
  readonly judge: (value: unknown) => readonly string[];
}

/** Longest reason that is still one for people. */
const maxReasonCharacters = 2000;

/**
 * @param attempt what takes the value in
 * @param codes with which it may be refused
 * @param accepted what to say of what it was taken for
 * @param options `mayQuote`: a reason may show a part of it, as a host's name; `mayHaveLines`: it is the operator's own
 */
export function judgeAttempt<Taken>(
  attempt: () => Taken,
  codes: readonly ErrorCode[],
  accepted: (taken: Taken) => readonly string[],
  { mayQuote = false, mayHaveLines = false } = {},
): readonly string[] {
  let taken: Taken;
  try {
    taken = attempt();
  } catch (error) {
    if (!(error instanceof KeepsakeError))
      return [`threw ${error instanceof Error ? error.stack : String(error)}`];
    const { code, message } = error;
    return [
      ...(codes.includes(code) ? [] : [`refused with ${code}: ${message}`]),
      ...(!mayQuote && message.includes(mark)
        ? [`the reason repeats what was sent: ${message.slice(0, 300)}`]
        : []),
      ...(message.length > maxReasonCharacters && !mayQuote
        ? [`a reason of ${message.length} characters`]
        : []),
      ...(/^[A-Z][^]*\.$/.test(message) ? [] : [`not a sentence: ${message.slice(0, 300)}`]),
      ...(!mayHaveLines && /[\n\r]/.test(message)
        ? [`a reason of several lines: ${message.slice(0, 300)}`]
        : []),
    ];
  }
  return accepted(taken);
}
