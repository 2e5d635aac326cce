import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { sniff, sniffBytes } from "../../../../dist/assets/sniff/sniff.js";

const bytes = (text: string) => Buffer.from(text, "latin1");
const box = (...brands: string[]) => {
  const size = 8 + brands.length * 4 + 4;
  return bytes(`${String.fromCharCode(0, 0, 0, size)}ftyp${brands[0]}\0\0\0\0${brands.slice(1).join("")}`);
};
const mp3Frame = () => Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(413)]);
const adtsFrame = () =>
  Buffer.concat([Buffer.from([0xff, 0xf1, 0x4c, 0x80, 0x02, 0x1f, 0xfc]), Buffer.alloc(9)]);
/** 192 kbit/s at 48,000 samples a second. */
const ac3Frame = () => Buffer.concat([Buffer.from([0x0b, 0x77, 0, 0, 0x14, 0x40]), Buffer.alloc(762)]);
const eac3Frame = () => Buffer.concat([Buffer.from([0x0b, 0x77, 0, 0x7f, 0x3f, 0x80]), Buffer.alloc(250)]);
const tiff = (entry: number[]) => Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, ...entry]);
const transport = () => {
  const packets = Buffer.alloc(188 * 4);
  for (let packet = 0; packet < 4; packet += 1) packets[packet * 188] = 0x47;
  return packets;
};

const known: readonly (readonly [string, Buffer, object])[] = [
  ["a JPEG", bytes("\xff\xd8\xff\xe0\0\x10JFIF"), { kind: "picture", format: "jpeg" }],
  ["a PNG", bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), { kind: "picture", format: "png" }],
  ["a GIF", bytes("GIF89a\x01\0"), { kind: "picture", format: "gif" }],
  ["a WebP", bytes("RIFF\0\0\0\0WEBPVP8 "), { kind: "picture", format: "webp" }],
  ["an iPhone's HEIC", box("heic", "mif1", "heic"), { kind: "picture", format: "heif" }],
  ["an AVIF sequence", box("avis", "avif"), { kind: "picture", format: "heif" }],
  ["a JPEG XL codestream", bytes("\xff\x0a\xf8"), { kind: "picture", format: "jpeg-xl" }],
  ["a JPEG XL", bytes("\0\0\0\x0cJXL \r\n\x87\n"), { kind: "picture", format: "jpeg-xl" }],
  ["a BMP", bytes(`BM${"\0".repeat(12)}\x28\0\0\0`), { kind: "picture", format: "bmp" }],
  ["a TIFF larger than 4 GB", bytes("II+\0\x08\0"), { kind: "picture", format: "tiff" }],
  ["a generic HEIF", box("mif1", "heic"), { kind: "picture", format: "heif" }],
  ["an AVIF", box("avif", "mif1"), { kind: "picture", format: "heif" }],
  ["an AVIF by its second brand", box("mif1", "avif"), { kind: "picture", format: "heif" }],
  ["a TIFF", tiff([0, 1, 4, 0, 1, 0, 0, 0, 64, 0, 0, 0]), { kind: "picture", format: "tiff" }],
  ["a DNG", tiff([0x12, 0xc6, 1, 0, 4, 0, 0, 0, 1, 4, 0, 0]), { kind: "picture", format: "dng" }],
  ["an MP4", box("isom", "iso2", "avc1"), { kind: "media", demuxer: "mov" }],
  ["an M4A", box("M4A ", "mp42"), { kind: "media", demuxer: "mov" }],
  ["a 3GP", box("3gp4"), { kind: "media", demuxer: "mov" }],
  ["an old QuickTime", bytes("\0\0\0\x08wide\0\0\0\0mdat"), { kind: "media", demuxer: "mov" }],
  ["a WebM", bytes("\x1a\x45\xdf\xa3\x01"), { kind: "media", demuxer: "matroska" }],
  ["an Ogg", bytes("OggS\0\x02"), { kind: "media", demuxer: "ogg" }],
  ["a WAV", bytes("RIFF\xff\xff\xff\xffWAVEfmt "), { kind: "media", demuxer: "wav" }],
  ["an AVI", bytes("RIFF\0\0\0\0AVI LIST"), { kind: "media", demuxer: "avi" }],
  ["an AMR", bytes("#!AMR\n<"), { kind: "media", demuxer: "amr" }],
  ["a wide-band AMR", bytes("#!AMR-WB\n"), { kind: "media", demuxer: "amr" }],
  ["a FLAC", bytes("fLaC\0"), { kind: "media", demuxer: "flac" }],
  ["a CAF", bytes("caff\0\x01"), { kind: "media", demuxer: "caf" }],
  ["a transport stream", transport(), { kind: "media", demuxer: "mpegts" }],
  [
    "a transport stream that was cut anywhere",
    Buffer.concat([Buffer.alloc(77, 1), transport(), transport()]),
    { kind: "media", demuxer: "mpegts" },
  ],
  [
    "a program stream that was cut anywhere",
    bytes(`${"x".repeat(700)}\0\0\x01\xba\x44\0\x04`),
    { kind: "media", demuxer: "mpeg" },
  ],
  ["a tape", bytes(`\x1f\x07\0\xbf${"\xff".repeat(76)}\x3f\x07\0`), { kind: "media", demuxer: "dv" }],
  [
    "a Wave64",
    bytes(`riff\x2e\x91\xcf\x11${" ".repeat(16)}wave\xf3\xac\xd3\x11`),
    { kind: "media", demuxer: "w64" },
  ],
  ["a QCP", bytes("RIFF\0\0\0\0QLCMfmt "), { kind: "media", demuxer: "qcp" }],
  ["a dictation", bytes("\x02dss\x01\0"), { kind: "media", demuxer: "dss" }],
  ["a WavPack", bytes("wvpk\x20\0\0\0"), { kind: "media", demuxer: "wv" }],
  ["a Monkey's Audio", bytes("MAC \x96\x0f"), { kind: "media", demuxer: "ape" }],
  [
    "a True Audio after a tag",
    bytes("ID3\x03\0\0\0\0\0\x05aaaaaTTA1\x01\0"),
    { kind: "media", demuxer: "tta" },
  ],
  ["a QOA", bytes("qoaf\0\0\x10\0"), { kind: "media", demuxer: "qoa" }],
  [
    "AC-3 without a container",
    Buffer.concat([ac3Frame(), ac3Frame(), ac3Frame()]),
    { kind: "media", demuxer: "ac3" },
  ],
  [
    "Enhanced AC-3 without a container",
    Buffer.concat([eac3Frame(), eac3Frame(), eac3Frame()]),
    { kind: "media", demuxer: "eac3" },
  ],
  ["DTS without a container", bytes("\x7f\xfe\x80\x01\xfc"), { kind: "media", demuxer: "dts" }],
  ["MPEG video without a container", bytes("\0\0\x01\xb3\x14\0"), { kind: "media", demuxer: "mpegvideo" }],
  ["AAC in LATM", bytes("\x56\xe0\x02ab".repeat(3)), { kind: "media", demuxer: "loas" }],
  [
    "a page of a PDF with music in it",
    bytes("%PDF-1.7 \0\0\x01\xba\x44"),
    { kind: "unsupported", what: "a PDF document", detected: null },
  ],
  ["an MP3", Buffer.concat([mp3Frame(), mp3Frame(), mp3Frame()]), { kind: "media", demuxer: "mp3" }],
  ["an ADTS AAC", Buffer.concat([adtsFrame(), adtsFrame(), adtsFrame()]), { kind: "media", demuxer: "aac" }],
  [
    "an MP3 after a tag",
    Buffer.concat([bytes("ID3\x03\0\0\0\0\0\x05aaaaa"), mp3Frame(), mp3Frame(), mp3Frame()]),
    { kind: "media", demuxer: "mp3" },
  ],
  [
    "an MP3 whose tag is longer than the head",
    bytes("ID3\x03\0\0\x7f\x7f\x7f\x7fAPIC"),
    { kind: "media", demuxer: "mp3" },
  ],
  [
    "an MP3 after junk",
    Buffer.concat([Buffer.alloc(5000, 7), mp3Frame(), mp3Frame(), mp3Frame()]),
    { kind: "media", demuxer: "mp3" },
  ],
];

/** Known formats that are not supported: the beginning of a file, its description for the sender, and its kind for a card. */
const named: readonly (readonly [string, Buffer, RegExp, string | null])[] = [
  ["a JPEG XR", bytes("II\xbc\x01\x20\0\0\0"), /JPEG XR/, "photo"],
  ["a HEIF with a short header", box("mif3", "avif"), /mif3/, "photo"],
  ["a BPG", bytes("BPG\xfb\x20"), /BPG/, "photo"],
  ["a QOI", bytes("qoif\0\0\0\x10"), /QOI/, "photo"],
  ["an OpenEXR", bytes("v/1\x01\x02\0\0\0"), /OpenEXR/, "photo"],
  ["a PNM", bytes("P6\n64 48\n255\n"), /PNM/, "photo"],
  ["an SVG", bytes("<svg width='1'>"), /SVG/, "photo"],
  ["a camera's raw", bytes("II*\0\x10\0\0\0CR\x02\0"), /raw/, "photo"],
  ["a sticker of Telegram", gzipSync('{"tgs":1,"v":"5.5.2","layers":[]}'), /sticker of Telegram/, "video"],
  ["a Lottie animation", bytes('{"v":"5.5","fr":60,"ip":0,"op":180,"layers":[]}'), /Lottie/, "video"],
  ["another compressed file", gzipSync("words, words, words"), /compressed/, null],
  ["a JSON", bytes('{"name":"Margaret","layers":2}'), /text/, null],
  ["a dictation of DSS Pro", bytes("\x03ds2\x01\0"), /DSS Pro/, "voice"],
  ["a Musepack recording", bytes("MPCKSH"), /Musepack/, "voice"],
  ["a DSD recording", bytes("DSD \x1c\0\0\0"), /DSD/, "voice"],
  ["a RealAudio recording", bytes(".ra\xfd\0\x04"), /RealAudio/, "voice"],
  ["a tune of notes", bytes("MThd\0\0\0\x06"), /MIDI/, "voice"],
  ["a RealMedia file", bytes(".RMF\0\0\0\x12"), /RealMedia/, "video"],
  ["an MXF", bytes("\x06\x0e\x2b\x34\x02"), /MXF/, "video"],
  [
    "the metadata that a Mac stores beside a file",
    bytes("\0\x05\x16\x07\0\x02\0\0Mac OS X"),
    /AppleDouble/,
    null,
  ],
  ["a shortcut of Windows", bytes("L\0\0\0\x01\x14\x02\0"), /shortcut/, null],
  ["an office document", bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), /office/, null],
  ["a contact card", bytes("BEGIN:VCARD\r\nVERSION:3.0"), /contact/, null],
];

const unwanted: readonly (readonly [string, Buffer, RegExp])[] = [
  ["a playlist", bytes("#EXTM3U\r\n#EXT-X-MEDIA-SEQUENCE:0"), /playlist/],
  ["a playlist after a byte order mark", bytes("\xef\xbb\xbf  #EXTM3U"), /playlist/],
  ["a concat script", bytes("ffconcat version 1.0\nfile /etc/passwd"), /playlist/],
  ["an SVG", bytes('<svg xmlns="http://www.w3.org/2000/svg">'), /SVG/],
  ["an SVG after its prologue", bytes('<?xml version="1.0"?>\n<!-- x -->\n<svg width="1">'), /SVG/],
  ["an SVG in UTF-16", Buffer.from("\ufeff<svg width='1'>", "utf16le"), /SVG/],
  ["a PDF", bytes("%PDF-1.7"), /PDF/],
  ["a web page", bytes("<!DOCTYPE html><html>"), /web page/],
  ["a ZIP", bytes("PK\x03\x04"), /archive/],
  ["a program", bytes("MZ\x90\0"), /program/],
  ["a shell script", bytes("#!/bin/sh\n"), /script/],
  ["text", bytes("this is no picture"), /text/],
  ["an empty file", Buffer.alloc(0), /empty/],
  ["text that begins like a BMP", bytes("BM, the letters I was taught first"), /text/],
  ["a JPEG 2000", bytes("\0\0\0\x0cjP  \r\n\x87\n"), /JPEG 2000/],
  ["a JPEG 2000 codestream", bytes("\xff\x4f\xff\x51\0"), /JPEG 2000/],
  ["an icon", bytes("\0\0\x01\0\x01\0"), /icon/],
  ["a Photoshop document", bytes("8BPS\0\x01"), /Photoshop/],
  ["an Olympus raw", bytes("IIRO\x08\0\0\0"), /raw/],
  ["a Panasonic raw", bytes("IIU\0\x08\0\0\0"), /raw/],
  ["a Fujifilm raw", bytes("FUJIFILMCCD-RAW 0201"), /raw/],
  ["a TIFF that begins with a thumbnail", tiff([254, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0]), /raw/],
  ["a Canon raw", bytes("II*\0\x10\0\0\0CR\x02\0"), /raw/],
  ["a newer Canon raw", box("crx ", "isom"), /raw/],
  ["noise", Buffer.from([0, 1, 2, 3, 4, 5, 250, 251]), /unknown/],
];

describe("sniff", () => {
  it.each(known)("recognises %s", (_name, head, expected) => {
    expect(sniff(head)).toEqual(expected);
  });

  it.each(unwanted)("describes an unsupported file: %s", (_name, head, what) => {
    expect(sniff(head)).toMatchObject({ kind: "unsupported", what: expect.stringMatching(what) });
  });

  it.each(named)("describes the format and kind of %s", (_name, head, what, detected) => {
    expect(sniff(head)).toEqual({ kind: "unsupported", what: expect.stringMatching(what), detected });
  });

  it("returns a result for any bytes, and for any beginning of a known file", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom(...known),
        fc.nat(400),
        (noise, [, head], cut) => {
          for (const file of [noise, head.subarray(0, cut), Buffer.concat([head.subarray(0, cut), noise])]) {
            expect(["picture", "media", "unsupported"]).toContain(sniff(file).kind);
          }
        },
      ),
    );
  });
});

const corpus = fileURLToPath(new URL("../../../../../shared/corpus/", import.meta.url));

describe.skipIf(!existsSync(corpus))(
  "sniff on the corpus (skipped when it does not exist beside the repository)",
  () => {
    const rows = existsSync(corpus)
      ? readFileSync(`${corpus}MANIFEST.tsv`, "utf8").trim().split("\n").slice(1)
      : [];
    const shown = rows
      .map((row) => row.split("\t"))
      .filter(([path = "", , , , , , expected]) => expected === "render" && !path.startsWith("text/"))
      .map(([path = ""]) => path);

    it("finds files in the corpus", () => expect(shown.length).toBeGreaterThan(40));

    it.each(shown)("recognises the corpus file %s", (path) => {
      expect(sniff(readFileSync(corpus + path).subarray(0, sniffBytes)).kind).not.toBe("unsupported");
    });

    it("recognises no text as media", () => {
      for (const name of readdirSync(`${corpus}text`)) {
        expect(sniff(readFileSync(`${corpus}text/${name}`).subarray(0, sniffBytes)).kind).toBe("unsupported");
      }
    });
  },
);
