/** Child process: looks at thumbnails, one after another, and says what matters on each. Its net is slow to load. */
import { readFile } from "node:fs/promises";

import sharp from "sharp";

import { serveTasks } from "../../process/serve-task.js";
import { findFocus, type Seen } from "./find-focus.js";
import type { Thumbnail } from "../prepare-file.js";

sharp.concurrency(1);
sharp.cache(false);

serveTasks<Thumbnail, Seen>(async ({ path, width, height }) =>
  findFocus({ data: await readFile(path), width, height }),
);
