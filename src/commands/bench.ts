import { defineCommand } from "citty";

import { benchPaint } from "../bench/bench-paint.js";
import { KeepsakeError } from "../errors.js";
import { encoderPresets, encoderSettings, type EncoderSettings } from "../film/quality.js";
import { openWorkFolder } from "../work-folder.js";
import { createBenchAgainCommand } from "./bench-again.js";
import { createBenchQualityCommand } from "./bench-quality.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { wholeNumber } from "./whole-number.js";

export function createBenchCommand(context: CommandContext) {
  const paint = defineCommand({
    meta: {
      name: "paint",
      description: "What painting costs: a slideshow of large photos against encoding the same frames alone.",
    },
    args: {
      preset: {
        type: "string",
        description: `Of x264: ${encoderPresets.join(", ")}.`,
        default: encoderSettings.standard.preset,
      },
      frames: { type: "string", description: "Length of the slideshow; 3 MB of disk each.", default: "600" },
      pairs: { type: "string", description: "How often both are measured, in turn.", default: "3" },
      ...jsonArgument,
    },
    async run({ args }) {
      const { cores, workFolder } = configOf(context);
      const options = {
        preset: presetNamed(args.preset),
        frameCount: wholeNumber("frames", args.frames, 200),
        pairCount: wholeNumber("pairs", args.pairs, 1),
      };
      await using folder = await openWorkFolder(workFolder);
      const result = await benchPaint({
        ...options,
        cores,
        folder: folder.path,
        signal: context.signal,
        onStep: (step) => context.screen.write(`${step}\n`),
      });
      if (args.json) {
        printJson(context, result);
        return;
      }
      const { preset, cpuRatio, wallRatio, encodeFps, peakMib } = result;
      context.print(
        `${preset}: the whole pipeline takes ${cpuRatio.toFixed(3)} of the CPU and ${wallRatio.toFixed(3)} of the time ` +
          `of the encoder alone, which makes ${encodeFps.toFixed(1)} frames/s; largest process ${Math.round(peakMib)} MiB.`,
      );
    },
  });
  return defineCommand({
    meta: { name: "bench", description: "Measure this machine and this version." },
    subCommands: {
      paint,
      again: createBenchAgainCommand(context),
      quality: createBenchQualityCommand(context),
    },
  });
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
