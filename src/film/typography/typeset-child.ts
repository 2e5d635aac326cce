import { serveTask } from "../../process/serve-task.js";
import { createFontBook } from "./font-book.js";
import { createTypeset } from "./typeset.js";
import type { TypesetInput, TypesetOutput } from "./typeset-texts.js";

serveTask(async ({ requests, theme, frame }: TypesetInput): Promise<TypesetOutput> => {
  const typeset = createTypeset(theme, createFontBook(theme.type.weight), frame);
  return requests.map(({ text, box }) => typeset(text, box));
});
