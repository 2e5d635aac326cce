/** Child process: crops a photograph, like a contributor before sending it. */
import sharp from "sharp";

import { serveTask } from "../process/serve-task.js";

export interface Cut {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

serveTask<{ readonly source: string; readonly file: string; readonly cut: Cut }, null>(
  async ({ source, file, cut }) => {
    await sharp(source).extract(cut).jpeg({ quality: 92 }).toFile(file);
    return null;
  },
);
