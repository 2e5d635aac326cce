import type { Grammar } from "../part.js";
import { asfGrammar, cafGrammar, flacGrammar, flvGrammar } from "./chunks.js";
import { ebmlGrammar } from "./ebml.js";
import {
  adtsGrammar,
  amrGrammar,
  dssGrammar,
  mp3Grammar,
  qoaGrammar,
  startCodeGrammar,
  wavPackGrammar,
} from "./frames.js";
import { gifGrammar } from "./gif.js";
import { isoGrammar } from "./iso.js";
import { jpegGrammar } from "./jpeg.js";
import { oggGrammar } from "./ogg.js";
import { pngGrammar } from "./png.js";
import { aiffGrammar, riffGrammar } from "./riff.js";
import { bigEndianTiffGrammar, tiffGrammar } from "./tiff.js";
import { transportStreamGrammar } from "./transport-stream.js";

/** The formats whose structure mutations know. */
export const grammars: readonly Grammar[] = [
  isoGrammar,
  ebmlGrammar,
  riffGrammar,
  aiffGrammar,
  cafGrammar,
  asfGrammar,
  flvGrammar,
  flacGrammar,
  oggGrammar,
  transportStreamGrammar,
  startCodeGrammar,
  adtsGrammar,
  amrGrammar,
  mp3Grammar,
  wavPackGrammar,
  dssGrammar,
  qoaGrammar,
  jpegGrammar,
  pngGrammar,
  gifGrammar,
  tiffGrammar,
  bigEndianTiffGrammar,
];
