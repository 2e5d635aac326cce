import { defineCommand } from "citty";

import { benchClip } from "../bench/bench-clip.js";
import { benchPaint } from "../bench/bench-paint.js";
import type { Overhead } from "../bench/measure-overhead.js";
import { encoderPresets, encoderSettings, type EncoderSettings } from "../../dist/film/model/quality.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { wholeNumber } from "../../dist/commands/line/whole-number.js";

const overheadArguments = {
  preset: {
    type: "enum" as const,
    options: [...encoderPresets],
    description: "Preset of x264.",
    default: encoderSettings.standard.preset,
  },
  pairs: { type: "string" as const, description: "Number of pairs of measurements.", default: "3" },
  ...jsonArgument,
};

export function createBenchPaintCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "paint",
      description: "Measure painting: a slideshow of large photos against encoding the same frames alone.",
    },
    args: {
      frames: {
        type: "string",
        description: "Number of frames of the slideshow; each needs 3 MB of disk.",
        default: "600",
      },
      ...overheadArguments,
    },
    async run({ args }) {
      const frameCount = wholeNumber("frames", args.frames, 200);
      const options = readOverheadOptions(context, args);
      await using folder = await openWorkFolder(options.workFolder);
      const result = await benchPaint({ ...options, frameCount, folder: folder.path });
      printOverhead(context, args, result);
    },
  });
}

export function createBenchClipCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "clip",
      description:
        "Measure a phone's clip over its blurred background against encoding the same frames alone.",
    },
    args: {
      seconds: {
        type: "string",
        description: "Length of the clip in seconds; each needs 180 MB of disk.",
        default: "10",
      },
      ...overheadArguments,
    },
    async run({ args }) {
      const seconds = wholeNumber("seconds", args.seconds, 1);
      const options = readOverheadOptions(context, args);
      await using folder = await openWorkFolder(options.workFolder);
      const result = await benchClip({ ...options, seconds, folder: folder.path });
      printOverhead(context, args, result);
      if (args.json) return;
      const { cpuSeconds } = result.preparing;
      context.print(
        `Preparing the clip, once per file, takes ${cpuSeconds.toFixed(1)} s of CPU in addition.`,
      );
    },
  });
}

function readOverheadOptions(
  context: CommandContext,
  args: { readonly preset: EncoderSettings["preset"]; readonly pairs: string },
) {
  const { cores, workFolder } = configOf(context);
  return {
    preset: args.preset,
    pairCount: wholeNumber("pairs", args.pairs, 1),
    cores,
    workFolder,
    signal: context.signal,
    onStep: (step: string) => context.screen.write(`${step}\n`),
  };
}

function printOverhead(
  context: CommandContext,
  { json }: { readonly json?: boolean | undefined },
  result: Overhead,
): void {
  if (json) {
    printJson(context, result);
    return;
  }
  const { preset, cpuRatio, wallRatio, encodeFps, peakMib } = result;
  context.print(
    `${preset}: the whole pipeline takes ${cpuRatio.toFixed(3)} of the CPU and ${wallRatio.toFixed(3)} of the time ` +
      `of the encoder alone, which makes ${encodeFps.toFixed(1)} frames/s; largest process ${peakMib} MiB.`,
  );
}
