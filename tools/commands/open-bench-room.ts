import type { BenchRoom } from "../bench/bench-room.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, logOf, type CommandContext } from "../../dist/commands/context.js";

/** A folder that is gone when disposed, the settings of films, and steps that are told on the screen. */
export async function openBenchRoom(context: CommandContext): Promise<BenchRoom & AsyncDisposable> {
  const { cores, workFolder, film } = configOf(context);
  const folder = await openWorkFolder(workFolder);
  return {
    settings: film,
    cores,
    folder: folder.path,
    log: logOf(context, "warn"),
    signal: context.signal,
    onStep: (step) => context.screen.write(`${step}\n`),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
