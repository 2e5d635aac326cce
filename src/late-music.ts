import type { Config } from "./config.js";
import { openMusic, type Music } from "./open-music.js";

/** Music that is opened once, when it is first wanted: a process decodes it, so the machine must be fit for that. */
export interface LateMusic extends AsyncDisposable {
  /** @throws KeepsakeError as `openMusic` does */
  readonly open: () => Promise<Music>;
}

export function createLateMusic(
  config: Pick<Config, "music" | "workFolder">,
  signal: AbortSignal,
): LateMusic {
  let opened: Promise<Music> | null = null;
  return {
    open: async () => {
      opened ??= openMusic(config, signal);
      return await opened;
    },
    [Symbol.asyncDispose]: async () => {
      const music = await opened?.catch(() => null);
      await music?.[Symbol.asyncDispose]();
    },
  };
}
