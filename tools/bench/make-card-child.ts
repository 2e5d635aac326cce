import sharp from "sharp";

import { serveTask } from "../../dist/process/serve-task.js";
import { paintCard } from "./colour-card.js";
import type { MakeCardInput } from "./measure-colour.js";

serveTask<MakeCardInput, null>(async ({ width, height, path, format }) => {
  const card = sharp(paintCard(width, height), { raw: { width, height, channels: 3 } });
  // Phones save colours at half the resolution, as this JPEG does.
  await (format === "png" ? card.png() : card.jpeg({ quality: 92 })).toFile(path);
  return null;
});
