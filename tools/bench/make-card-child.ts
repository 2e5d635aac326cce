import sharp from "sharp";

import { serveTask } from "../../dist/process/serve-task.js";
import { paintCard } from "./colour-card.js";
import type { MakeCardInput } from "./measure-colour.js";

serveTask<MakeCardInput, null>(async ({ width, height, path, format }) => {
  const card = sharp(paintCard(width, height), { raw: { width, height, channels: 3 } });
  // The JPEG has colours at half the resolution, like the photos of phones.
  await (format === "png" ? card.png() : card.jpeg({ quality: 92 })).toFile(path);
  return null;
});
