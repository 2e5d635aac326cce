/** Child process: finds the focus of thumbnails one after another. It is reused because its network loads slowly. */
import { readFile } from "node:fs/promises";

import sharp from "sharp";

import { serveTasks } from "../../process/serve-task.js";
import { findFocus, type PhotoFocus } from "./find-focus.js";
import type { Thumbnail } from "../stills/decoded-photo.js";

sharp.concurrency(1);
sharp.cache(false);

serveTasks<Thumbnail, PhotoFocus>(async ({ path, width, height }) =>
  findFocus({ data: await readFile(path), width, height }),
);
