import { readHeif } from "../../../dist/assets/stills/heif/read-heif.js";
import { sniff } from "../../../dist/assets/sniff/sniff.js";
import { readDisplayMatrix } from "../../../dist/media/pictures/display-matrix.js";
import { mutateFile } from "../mutate-file.js";
import type { SeedFile } from "../seeds/seed-file.js";
import { judgeAttempt, type Target } from "./target.js";

const demuxers = new Set(
  (
    "matroska ogg wav avi flac amr caf aiff au asf flv mpeg mpegts mpegvideo mov mp3 aac loas dv " +
    "w64 qcp dss wv ape tta qoa ac3 eac3 dts"
  ).split(" "),
);

/** @param seedFiles what mutated beginnings of files begin as */
export function createSniffTarget(seedFiles: readonly SeedFile[]): Target {
  return {
    name: "sniff",
    mutate: (chance) => mutateFile(seedFiles, chance.below(2 ** 31), 0).bytes,
    judge: (value) =>
      judgeAttempt(
        () => sniff(value as Buffer),
        [],
        (sniffed) => {
          if (sniffed.kind === "media")
            return demuxers.has(sniffed.demuxer) ? [] : [`the demuxer ${sniffed.demuxer}`];
          if (sniffed.kind === "picture")
            return /^[a-z\d]+$/.test(sniffed.format) ? [] : [`the format ${sniffed.format}`];
          return /^[\w ,;'.()-]{3,120}$/.test(sniffed.what) ? [] : [`it is ${sniffed.what}`];
        },
      ),
  };
}

const maxPixels = 66_000_000;

export function createHeifTarget(seedFiles: readonly SeedFile[]): Target {
  const heifs = seedFiles.filter(({ kind }) => kind === "heic" || kind === "avif");
  return {
    name: "heif boxes",
    mutate: (chance) => mutateFile(heifs, chance.below(2 ** 31), 0).bytes,
    judge: (value) =>
      judgeAttempt(
        () => readHeif(value as Buffer, maxPixels),
        ["media-damaged", "media-codec-unsupported", "media-limit-exceeded"],
        ({ colour, iccProfile }) => [
          ...(colour.width * colour.height <= maxPixels ? [] : [`${colour.width} × ${colour.height} pixels`]),
          ...(iccProfile === null || iccProfile.length <= (value as Buffer).length
            ? []
            : ["a profile from nowhere"]),
        ],
      ),
  };
}

export const matrixTarget: Target = {
  name: "display matrix",
  mutate: (chance) => {
    const matrix = chance.bytes(chance.pick([36, 36, 36, 35, 0, 40]));
    for (let at = 0; at + 4 <= matrix.length; at += 4) {
      if (chance.oneIn(2))
        matrix.writeInt32LE(chance.pick([0, 65_536, -65_536, 0x7fffffff, -0x80000000, 1]), at);
    }
    return matrix;
  },
  judge: (value) =>
    judgeAttempt(
      () => readDisplayMatrix(value as Buffer),
      [],
      ({ mirrored, rotationDegrees }) =>
        typeof mirrored === "boolean" && [0, 90, 180, 270].includes(rotationDegrees)
          ? []
          : [`turned by ${rotationDegrees}`],
    ),
};
