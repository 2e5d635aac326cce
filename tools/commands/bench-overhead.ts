import { defineCommand } from "citty";

import { benchClip } from "../bench/bench-clip.js";
import { benchPaint } from "../bench/bench-paint.js";
import type { Overhead } from "../bench/measure-overhead.js";
import { KeepsakeError } from "../../dist/errors.js";
import { encoderPresets, encoderSettings, type EncoderSettings } from "../../dist/film/model/quality.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { wholeNumber } from "../../dist/commands/whole-number.js";

const overheadArguments = {
  preset: {
    type: "string",
    description: `Of x264: ${encoderPresets.join(", ")}.`,
    default: encoderSettings.standard.preset,
  },
  pairs: { type: "string", description: "How often both are measured, in turn.", default: "3" },
  ...jsonArgument,
} as const;

export function createBenchPaintCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "paint",
      description: "What painting costs: a slideshow of large photos against encoding the same frames alone.",
    },
    args: {
      frames: { type: "string", description: "Length of the slideshow; 3 MB of disk each.", default: "600" },
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
        "What a phone's clip costs, over its blurred fill, against encoding the same frames alone.",
    },
    args: {
      seconds: { type: "string", description: "Length of the clip; 180 MB of disk each.", default: "10" },
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
      context.print(`Preparing the clip, once in its life, takes ${cpuSeconds.toFixed(1)} s of CPU more.`);
    },
  });
}

function readOverheadOptions(
  context: CommandContext,
  args: { readonly preset: string; readonly pairs: string },
) {
  const { cores, workFolder } = configOf(context);
  return {
    preset: presetNamed(args.preset),
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

function presetNamed(name: string): EncoderSettings["preset"] {
  const preset = encoderPresets.find((known) => known === name);
  if (preset === undefined) {
    throw new KeepsakeError(
      "usage",
      `There is no preset "${name}"; use one of ${encoderPresets.join(", ")}.`,
    );
  }
  return preset;
}
