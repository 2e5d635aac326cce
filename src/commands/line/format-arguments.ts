import type { CommandContext } from "../context.js";

/** The options `--size` and `--fps` of commands that make one film. */
export const formatArguments = {
  size: {
    type: "string",
    description: "Width and height of the film, instead of KEEPSAKE_SIZE, e.g. 1080x1920.",
  },
  fps: { type: "string", description: "Frames per second, instead of KEEPSAKE_FPS: 25, 30 or 60." },
} as const;

/** Returns the option that set each setting, for error messages. */
export function optionNames(settings: CommandContext["environment"]): CommandContext["environment"] {
  const names = { KEEPSAKE_SIZE: "--size", KEEPSAKE_FPS: "--fps" };
  return Object.fromEntries(Object.entries(names).filter(([env]) => settings[env] !== undefined));
}

/** Returns the settings that these options replace; an option that is not given replaces none. */
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
