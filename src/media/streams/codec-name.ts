import type { AVCodecID } from "node-av/constants";
import { avGetCodecName, Codec, type Stream } from "node-av/lib";

import { soleDolbyVisionProfile } from "./dolby-vision.js";

/** Common names of formats that are not supported, by FFmpeg's name or the four characters in the file. */
const commonNames: ReadonlyMap<string, string> = new Map([
  ["vvc", "H.266 (VVC)"],
  ["evc", "MPEG-5 EVC"],
  ["lcevc", "MPEG-5 LCEVC"],
  ["prores_raw", "ProRes RAW, of a camera"],
  ["rv10", "RealVideo"],
  ["rv20", "RealVideo"],
  ["rv30", "RealVideo"],
  ["rv40", "RealVideo"],
  ["rv60", "RealVideo"],
  ["cook", "RealAudio"],
  ["sipr", "RealAudio"],
  ["ra_144", "RealAudio"],
  ["ra_288", "RealAudio"],
  ["ralf", "RealAudio"],
  ["indeo2", "Indeo, of old Windows videos"],
  ["indeo3", "Indeo, of old Windows videos"],
  ["indeo4", "Indeo, of old Windows videos"],
  ["indeo5", "Indeo, of old Windows videos"],
  ["imc", "Intel Music Coder, a sound coding of old Windows videos"],
  ["iac", "Indeo Audio, a sound coding of old Windows videos"],
  ["vp3", "VP3"],
  ["vp4", "VP4"],
  ["vp5", "VP5"],
  ["vp7", "VP7"],
  ["tscc", "TechSmith's screen recording"],
  ["tscc2", "TechSmith's screen recording"],
  ["g2m", "GoToMeeting's screen recording"],
  ["zmbv", "DosBox's screen recording"],
  ["flashsv", "Flash Screen Video"],
  ["flashsv2", "Flash Screen Video"],
  ["8bps", "Planar RGB, of old QuickTime files"],
  ["yuv4", "raw YUV of old QuickTime files"],
  ["jpeg2000", "JPEG 2000"],
  ["jpegls", "JPEG-LS"],
  ["dirac", "Dirac"],
  ["hap", "Hap"],
  ["truehd", "Dolby TrueHD"],
  ["mlp", "Meridian Lossless Packing"],
  ["ac4", "Dolby AC-4"],
  ["dolby_e", "Dolby E"],
  ["apac", "Apple Positional Audio"],
  ["mpegh_3d_audio", "MPEG-H 3D Audio"],
  ["wmalossless", "Windows Media Audio Lossless"],
  ["qdmc", "QDesign Music, a sound coding of old QuickTime files"],
  ["atrac1", "ATRAC, of MiniDisc"],
  ["atrac3", "ATRAC3, of Sony's players"],
  ["atrac3p", "ATRAC3plus, of Sony's players"],
  ["atrac9", "ATRAC9"],
  ["tak", "TAK"],
  ["mp4als", "MPEG-4 ALS"],
  ["g729", "G.729, of telephones"],
  ["adpcm_g722", "G.722, of telephones"],
  ["adpcm_g726", "G.726, of telephones"],
  ["codec2", "Codec 2, of radios"],
  ["ilbc", "iLBC, of telephones"],
  ["dvh1", "Dolby Vision"],
  ["dvhe", "Dolby Vision"],
]);

/** Name of a stream's codec that people can search for, such as "H.266 (VVC)". */
export function codecName(stream: Stream): string {
  const profile = soleDolbyVisionProfile(stream);
  if (profile !== null) return `Dolby Vision without a picture for other screens (profile ${profile})`;
  const { codecpar } = stream;
  const known = avGetCodecName(codecpar.codecId);
  const tag = (codecpar.codecTagString ?? "").replace(/[^\w ]/g, "").trim();
  const name = known === null || known === "none" ? tag : known;
  return nameCoding(name, codecpar.codecId);
}

/**
 * People cannot search for FFmpeg's short names, so where there is no common name, the long name of the decoder is used.
 *
 * @param name FFmpeg's name, or the four characters in the file; empty when unknown
 */
function nameCoding(name: string, codecId: AVCodecID): string {
  const common = commonNames.get(name);
  if (common !== undefined) return common;
  const longName = Codec.findDecoder(codecId)?.longName;
  if (longName) return longName;
  return name === "" ? "an unknown way" : `an unknown way ("${name}")`;
}
