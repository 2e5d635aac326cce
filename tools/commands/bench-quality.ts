import { defineCommand } from "citty";

import { benchQuality } from "../bench/bench-quality.js";
import { jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { openBenchEnvironment } from "./open-bench-environment.js";

export function createBenchQualityCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "quality",
      description: "Measure the sample capsule's film: pictures, motion, sound, sync, colours.",
    },
    args: {
      ffmpeg: {
        type: "string",
        description: "Name of a program ffmpeg with libvmaf; without libvmaf SSIM is measured.",
        default: "ffmpeg",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      await using environment = await openBenchEnvironment(context);
      const result = await benchQuality({
        ...environment,
        ffmpeg: args.ffmpeg,
      });
      if (args.json) {
        printJson(context, result);
        return;
      }
      const { picture, sound, motion, sync, colour } = result;
      const digits = picture.metric === "vmaf" ? 1 : 4;
      const figures: readonly (readonly [string, string])[] = [
        [
          "picture",
          `${picture.metric.toUpperCase()} mean ${picture.mean.toFixed(digits)}, worst hundredth ` +
            `${picture.worstHundredth.toFixed(digits)}, at ${(picture.bitsPerSecond / 1e6).toFixed(2)} Mbit/s`,
        ],
        ["motion", `${motion.rmsPx.toFixed(3)} px RMS, worst ${motion.worstPx.toFixed(3)} px`],
        ["sound", `${sound.integratedLufs?.toFixed(1)} LUFS, ${sound.truePeakDbtp?.toFixed(1)} dBTP`],
        ["sync", `${sync.offsetSamples.join(" and ")} samples at the first and the last cut`],
        ["colour", `dE00 mean ${colour.png.mean.toFixed(2)}, worst ${colour.png.worst.toFixed(2)}`],
      ];
      for (const [name, figure] of figures) context.print(`${name.padEnd(8)} ${figure}`);
    },
  });
}
