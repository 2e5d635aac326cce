import { gunzipSync, constants } from "node:zlib";

import type { DetectedKind } from "./detected-kind.js";

/** A file that is recognised and not supported. */
export interface UnsupportedFile {
  /** Text that completes the sentence "The file is …". */
  readonly what: string;
  /** Null for files that are no picture, sound or video. */
  readonly detected: DetectedKind | null;
}

type Signature = readonly [offset: number, text: string];
type Format = readonly [what: string, ...Signature[]];

const raw = "a camera's raw picture; export it as JPEG";
const streamOnly = "video without a container; save it as MP4";

/** Signatures are compared byte by byte (Latin-1). */
const pictures: readonly Format[] = [
  ["a JPEG XR picture, as Windows saves HDR screenshots; export it as JPEG or PNG", [0, "II\xbc\x01"]],
  ["a Photoshop document", [0, "8BPS"]],
  ["a JPEG 2000 picture, which is not supported", [4, "jP  "]],
  ["a JPEG 2000 picture, which is not supported", [0, "\xff\x4f\xff\x51"]],
  ["an icon, which is not supported", [0, "\0\0\x01\0"]],
  ["an icon, which is not supported", [0, "icns"]],
  ["an animated cursor, which is not supported", [0, "RIFF"], [8, "ACON"]],
  ["a PostScript document", [0, "%!PS"]],
  ["a GIMP document", [0, "gimp xcf"]],
  ["a BPG picture, which is not supported; export it as JPEG", [0, "BPG\xfb"]],
  ["a FLIF picture, which is not supported; export it as PNG", [0, "FLIF"]],
  ["a QOI picture, which is not supported; export it as PNG", [0, "qoif"]],
  ["an OpenEXR picture, which is not supported; export it as JPEG", [0, "v/1\x01"]],
  ["a Radiance HDR picture, which is not supported; export it as JPEG", [0, "#?RADIANCE"]],
  ["a DirectDraw texture, which is not supported", [0, "DDS "]],
  ["an MNG animation, which is not supported", [0, "\x8aMNG\r\n\x1a\n"]],
  ["a JNG picture, which is not supported", [0, "\x8bJNG\r\n\x1a\n"]],
  ["a DjVu document", [0, "AT&TFORM"]],
  ["a medical picture (DICOM), which is not supported", [128, "DICM"]],
  ["a Windows drawing (WMF), which is not supported", [0, "\xd7\xcd\xc6\x9a"]],
  ["a Windows drawing (EMF), which is not supported", [0, "\x01\0\0\0"], [40, " EMF"]],
  [raw, [0, "FUJIFILMCCD-RAW"]],
  [raw, [0, "IIRO"]],
  [raw, [0, "IIRS"]],
  [raw, [0, "MMOR"]],
  [raw, [0, "IIU\0"]],
  [raw, [0, "FOVb"]],
  [raw, [0, "\0MRM"]],
];

const sounds: readonly Format[] = [
  ["a dictation of DSS Pro (DS2), which is not supported; save it as WAV or MP3", [1, "ds2"]],
  ["an encrypted dictation, which only the recorder's own program can open", [1, "enc"], [0, "\x03"]],
  ["a tune of notes (MIDI), which is not supported", [0, "MThd"]],
  ["a Musepack recording, which is not supported; save it as MP3", [0, "MPCK"]],
  ["a Musepack recording, which is not supported; save it as MP3", [0, "MP+"]],
  ["an OptimFROG recording, which is not supported; save it as FLAC", [0, "OFR "]],
  ["a Shorten recording, which is not supported; save it as FLAC", [0, "ajkg"]],
  ["a TAK recording, which is not supported; save it as FLAC", [0, "tBaK"]],
  ["a DSD recording, which is not supported; save it as FLAC", [0, "DSD "]],
  ["a DSD recording, which is not supported; save it as FLAC", [0, "FRM8"]],
  ["a DTS-HD recording, which is not supported; save it as FLAC", [0, "DTSHDHDR"]],
  ["an ATRAC recording of a Sony player, which is not supported; save it as MP3", [0, "ea3\x03"]],
  ["an ATRAC recording of a Sony player, which is not supported; save it as MP3", [0, "EA3\x01"]],
  ["a Sound Blaster recording (VOC), which is not supported; save it as WAV", [0, "Creative Voice File"]],
  ["an Amiga recording (8SVX), which is not supported; save it as WAV", [0, "FORM"], [8, "8SVX"]],
  ["a RealAudio recording, which is not supported; save it as MP3", [0, ".ra\xfd"]],
  ["AAC in an old format (ADIF), which is not supported; save it as M4A", [0, "ADIF"]],
];

const videos: readonly Format[] = [
  ["a RealMedia file, which is not supported", [0, ".RMF"]],
  ["a video of a professional camera (MXF); export it as MP4", [0, "\x06\x0e\x2b\x34"]],
  [streamOnly, [0, "\0\0\0\x01\x67"]],
  [streamOnly, [0, "\0\0\0\x01\x09"]],
  [streamOnly, [0, "\0\0\0\x01\x40\x01"]],
  [streamOnly, [0, "DKIF"]],
  [streamOnly, [0, "YUV4MPEG2"]],
  [
    "a video of a player for pocket computers (AMV), which is not supported; save it as MP4",
    [0, "RIFF"],
    [8, "AMV "],
  ],
  ["a Flash animation, which is not supported", [0, "FWS"]],
  ["a Flash animation, which is not supported", [0, "CWS"]],
  ["a recording of Windows television (WTV), which is not supported; save it as MP4", [0, "\xb7\xd8\0\x20"]],
  ["a Bink video, which is not supported", [0, "BIK"]],
  ["a Smacker video, which is not supported", [0, "SMK"]],
];

const documents: readonly Format[] = [
  ["a PDF document", [0, "%PDF"]],
  ["a ZIP archive or an office document", [0, "PK\x03\x04"]],
  ["an office document in an old format", [0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]],
  ["an archive", [0, "7z\xbc\xaf\x27\x1c"]],
  ["an archive", [0, "Rar!"]],
  ["an archive", [257, "ustar"]],
  ["a compressed file", [0, "\x1f\x8b"]],
  ["a compressed file", [0, "BZh"]],
  ["a compressed file", [0, "\xfd7zXZ"]],
  ["a compressed file", [0, "\x28\xb5\x2f\xfd"]],
  ["an encrypted file", [0, "Salted__"]],
  ["a program", [0, "MZ"]],
  ["a program", [0, "\x7fELF"]],
  ["a program", [0, "\xcf\xfa\xed\xfe"]],
  ["a script", [0, "#!/"]],
  ["a Windows shortcut, and not the file that it leads to", [0, "L\0\0\0\x01\x14\x02\0"]],
  [
    "the metadata that a Mac stores beside a file (AppleDouble), and not the file itself",
    [0, "\0\x05\x16\x07"],
  ],
  ["a list of properties that belongs to another file (plist)", [0, "bplist00"]],
  ["a database", [0, "SQLite format 3\0"]],
];

/** Text formats by their beginning in lower case, without blanks and a byte order mark. */
const texts: readonly (readonly [what: string, detected: DetectedKind | null, beginning: RegExp])[] = [
  ["a playlist, which is never followed", null, /^(#extm3u|\[playlist\]|ffconcat|<smil|<asx|<mpd|rtsptext)/],
  ["an SVG drawing, which is not supported", "photo", /^(<\?xml[^]*?<svg|<!doctype svg|<svg|<!--[^]*?<svg)/],
  ["a web page", null, /^(<!doctype html|<html|<head|<body|<script)/],
  ["an XML document", null, /^<\?xml/],
  [
    "a Lottie animation, which is not supported; save it as GIF or MP4",
    "video",
    /^\{(?=[^]*"layers")(?=[^]*"ip")[^]*"op"/,
  ],
  ["a bitmap of text (PNM), which is not supported; export it as PNG", "photo", /^p[1-7]\s[\s\d#]/],
  ["a contact card", null, /^begin:vcard/],
  ["a ringing tone, which is not supported", "voice", /^begin:imelody/],
  ["subtitles", null, /^webvtt/],
  ["a link to a web page, and not the file itself", null, /^\[internetshortcut\]/],
  ["a document of rich text (RTF)", null, /^\{\\rtf/],
];

/**
 * Recognises formats that are not supported, so that the reason for the rejection names the format.
 *
 * @param text the file's beginning as Latin-1
 * @returns null for a file of no known format
 */
export function sniffUnsupported(text: string): UnsupportedFile | null {
  const find = (rows: readonly Format[], detected: DetectedKind | null): UnsupportedFile | null => {
    const row = rows.find(([, ...all]) => all.every(([at, signature]) => text.startsWith(signature, at)));
    return row === undefined ? null : { what: row[0], detected };
  };
  return (
    find(pictures, "photo") ??
    find(sounds, "voice") ??
    find(videos, "video") ??
    sniffSticker(text) ??
    find(documents, null) ??
    sniffText(text)
  );
}

const gzip = "\x1f\x8b";
/** A compressed sticker has at most 64 kB (Telegram's rules for animated stickers). */
const maxCompressedBytes = 64 * 1024;
const maxUncompressedBytes = 8 * 1024 * 1024;

/** Recognises Telegram's animated stickers, which are compressed Lottie animations. */
function sniffSticker(text: string): UnsupportedFile | null {
  if (!text.startsWith(gzip)) return null;
  try {
    const compressed = Buffer.from(text.slice(0, maxCompressedBytes), "latin1");
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxUncompressedBytes };
    const inner = gunzipSync(compressed, options).toString("latin1").trimStart();
    if (!inner.startsWith("{") || !(inner.includes('"tgs"') || inner.includes('"layers"'))) return null;
    return {
      what: "an animated sticker of Telegram (TGS), which is not supported; save it as GIF or MP4",
      detected: "video",
    };
  } catch {
    return null;
  }
}

/** @returns null for text of no known format, and for a file that is not text */
function sniffText(text: string): UnsupportedFile | null {
  if (text.trim() === "") return { what: "empty", detected: null };
  const beginning = text
    .slice(0, 4096)
    .replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "")
    .replaceAll("\0", "")
    .trimStart()
    .toLowerCase();
  const row = texts.find(([, , pattern]) => pattern.test(beginning));
  return row === undefined ? null : { what: row[0], detected: row[1] };
}
