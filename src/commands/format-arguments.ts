import type { CommandContext } from "./context.js";

/** `--size` and `--fps` of the commands that make one film. */
export const formatArguments = {
  size: { type: "string", description: "The film's size instead of KEEPSAKE_SIZE, e.g. 1080x1920." },
  fps: { type: "string", description: "Frames a second instead of KEEPSAKE_FPS: 25, 30 or 60." },
} as const;

/** By what option a setting was given, for a sentence that refuses it. */
export function optionNames(settings: CommandContext["environment"]): CommandContext["environment"] {
  const names = { KEEPSAKE_SIZE: "--size", KEEPSAKE_FPS: "--fps" };
  return Object.fromEntries(Object.entries(names).filter(([env]) => settings[env] !== undefined));
}

/** The settings that these options stand for; an option that is not given leaves its setting alone. */
export function formatSettings({
  size,
  fps,
}: {
  readonly size?: string | undefined;
  readonly fps?: string | undefined;
}): CommandContext["environment"] {
  return {
    ...(size === undefined ? {} : { KEEPSAKE_SIZE: size }),
    ...(fps === undefined ? {} : { KEEPSAKE_FPS: fps }),
  };
}
