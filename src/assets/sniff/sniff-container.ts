type Signature = readonly [offset: number, text: string];

/** Signatures are compared byte by byte (Latin-1). */
const signatures: readonly (readonly [demuxer: string, ...Signature[]])[] = [
  ["matroska", [0, "\x1a\x45\xdf\xa3"]],
  ["ogg", [0, "OggS"]],
  ["wav", [0, "RIFF"], [8, "WAVE"]],
  ["wav", [0, "RF64"], [8, "WAVE"]],
  ["wav", [0, "BW64"], [8, "WAVE"]],
  // Sony's Wave64 has the chunks of WAVE, each named by a GUID.
  ["w64", [0, "riff\x2e\x91\xcf\x11"], [24, "wave\xf3\xac\xd3\x11"]],
  ["avi", [0, "RIFF"], [8, "AVI "]],
  ["flac", [0, "fLaC"]],
  ["amr", [0, "#!AMR\n"]],
  ["amr", [0, "#!AMR-WB\n"]],
  ["qcp", [0, "RIFF"], [8, "QLCM"]],
  ["dss", [0, "\x02dss"]],
  ["dss", [0, "\x03dss"]],
  ["wv", [0, "wvpk"]],
  ["ape", [0, "MAC "]],
  ["tta", [0, "TTA1"]],
  ["qoa", [0, "qoaf"]],
  ["caf", [0, "caff"]],
  ["aiff", [0, "FORM"], [8, "AIFF"]],
  ["aiff", [0, "FORM"], [8, "AIFC"]],
  ["au", [0, ".snd"]],
  ["asf", [0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"]],
  ["flv", [0, "FLV\x01"]],
  // The DIF blocks of a tape begin with a header and the first subcode block (IEC 61834-2).
  ["dv", [0, "\x1f\x07\0"], [80, "\x3f\x07"]],
  // A sequence header begins pictures without a container (ISO/IEC 11172-2 and 13818-2).
  ["mpegvideo", [0, "\0\0\x01\xb3"]],
  // Old QuickTime movies have no ftyp box.
  ["mov", [4, "moov"]],
  ["mov", [4, "mdat"]],
  ["mov", [4, "wide"]],
  ["mov", [4, "free"]],
  ["mov", [4, "skip"]],
  ["mov", [4, "pnot"]],
];

/**
 * Recognises the container of a sound or a video by the beginning of the file.
 *
 * @param text the file's beginning as Latin-1
 * @returns FFmpeg's name of the demuxer, or null
 */
export function sniffContainer(text: string): string | null {
  const row = signatures.find(([, ...all]) => all.every(([at, signature]) => text.startsWith(signature, at)));
  return row === undefined ? null : row[0];
}
