import type { Config } from "../settings/config.js";
import { openMusic, type Music } from "./open-music.js";

/** Music that is opened once, when it is first wanted: a process decodes it, so the machine must be fit for that. */
export interface LazyMusic extends AsyncDisposable {
  /** @throws KeepsakeError as `openMusic` does */
  readonly open: () => Promise<Music>;
}

export function createLazyMusic(
  config: Pick<Config, "music" | "workFolder">,
  signal: AbortSignal,
): LazyMusic {
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
