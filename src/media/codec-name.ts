import { AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { avGetCodecName, type Stream } from "node-av/lib";

import { soleDolbyVisionProfile } from "./dolby-vision.js";

/** What people call the formats that are not decoded here, by FFmpeg's name or the four characters in the file. */
const commonNames: ReadonlyMap<string, string> = new Map([
  ["vvc", "H.266 (VVC)"],
  ["evc", "MPEG-5 EVC"],
  ["lcevc", "MPEG-5 LCEVC"],
  ["apv", "APV, of a camera"],
  ["prores_raw", "ProRes RAW, of a camera"],
  ["rv10", "RealVideo"],
  ["rv20", "RealVideo"],
  ["rv30", "RealVideo"],
  ["rv40", "RealVideo"],
  ["cook", "RealAudio"],
  ["indeo3", "Indeo"],
  ["indeo4", "Indeo"],
  ["indeo5", "Indeo"],
  ["jpeg2000", "JPEG 2000"],
  ["qtrle", "QuickTime Animation"],
  ["dts", "DTS"],
  ["truehd", "Dolby TrueHD"],
  ["ac4", "Dolby AC-4"],
  ["apac", "Apple Positional Audio"],
  ["mpegh_3d_audio", "MPEG-H 3D Audio"],
  ["qdm2", "QDesign Music"],
  ["dvh1", "Dolby Vision"],
  ["dvhe", "Dolby Vision"],
]);

/** "H.266 (VVC)": what a stream is coded in, in words that can be looked up. */
export function codecName(stream: Stream): string {
  const profile = soleDolbyVisionProfile(stream);
  if (profile !== null) return `Dolby Vision without a picture for other screens (profile ${profile})`;
  const { codecpar } = stream;
  const known = avGetCodecName(codecpar.codecId);
  const tag = (codecpar.codecTagString ?? "").replace(/[^\w ]/g, "").trim();
  const name = known === null || known === "none" ? tag : known;
  const what =
    codecpar.codecType === AVMEDIA_TYPE_VIDEO ? "an unknown video format" : "an unknown sound format";
  return commonNames.get(name) ?? (name === "" ? what : name);
}
