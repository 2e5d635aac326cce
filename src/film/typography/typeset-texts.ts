import { runChild } from "../../process/run-child.js";
import type { FilmSettings } from "../film-settings.js";
import { frameUnits, type FrameUnits } from "../frame-units.js";
import type { Theme } from "../theme.js";
import type { TextBox, TextPage } from "./text-page.js";

export interface TypesetRequest {
  /** As written; it is tidied here. */
  readonly text: string;
  readonly box: TextBox;
}

export interface TypesetInput {
  readonly requests: readonly TypesetRequest[];
  readonly theme: Theme;
  readonly frame: FrameUnits;
}

/** Per request its pages; none for a text that would not show; null for one that does not fit beside a photo. */
export type TypesetOutput = readonly (readonly TextPage[] | null)[];

/**
 * Sets texts in a child process, where Skia lives.
 * @param folder private and existing
 * @returns one entry per request, in their order
 */
export async function typesetTexts(
  requests: readonly TypesetRequest[],
  settings: Pick<FilmSettings, "theme" | "width" | "height">,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<TypesetOutput> {
  const input: TypesetInput = { requests, theme: settings.theme, frame: frameUnits(settings) };
  return await runChild<TypesetInput, TypesetOutput>(new URL("./typeset-child.js", import.meta.url), input, {
    folder,
    signal,
    timeoutSeconds: 60 + requests.length,
  });
}
