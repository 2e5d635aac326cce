import type { Grammar } from "../part.js";
import { ebmlGrammar } from "./ebml.js";
import { isoGrammar } from "./iso.js";
import { jpegGrammar } from "./jpeg.js";
import { oggGrammar } from "./ogg.js";
import { pngGrammar } from "./png.js";
import { aiffGrammar, riffGrammar } from "./riff.js";

/** The formats whose structure mutations know. */
export const grammars: readonly Grammar[] = [
  isoGrammar,
  ebmlGrammar,
  riffGrammar,
  aiffGrammar,
  pngGrammar,
  jpegGrammar,
  oggGrammar,
];
