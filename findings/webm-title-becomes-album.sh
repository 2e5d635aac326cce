#!/usr/bin/env bash
# Expected: the title that mediabunny writes into a WebM file is the title that music-metadata reads from it, as with MP4, Ogg,
# MP3 and FLAC.
# What happens: mediabunny writes the tag TITLE for the target level 50, which Matroska names "album / movie / episode".
# music-metadata maps the title of that level to the album, so common.title is missing and common.album holds the title.
# Versions: mediabunny 1.61.0, music-metadata 11.16.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mediabunny@1.61.0 music-metadata@11.16.1
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { BufferTarget, EncodedAudioPacketSource, EncodedPacket, Mp4OutputFormat, Output, WebMOutputFormat } from "mediabunny";
import { parseBuffer } from "music-metadata";

// RFC 7845, section 5.1: an identification header of one channel without pre-skip; RFC 6716: packets of 20 ms of silence.
const opusHead = Buffer.from("4f707573486561640101000080bb0000000000", "hex");
const silence = new Uint8Array([0xf8, 0xff, 0xfe]);

async function titled(format) {
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const source = new EncodedAudioPacketSource("opus");
  output.addAudioTrack(source);
  output.setMetadataTags({ title: "For Anna" });
  await output.start();
  const decoderConfig = { codec: "opus", numberOfChannels: 1, sampleRate: 48_000, description: opusHead };
  for (let index = 0; index < 50; index += 1) {
    await source.add(new EncodedPacket(silence, "key", index * 0.02, 0.02), { decoderConfig });
  }
  await output.finalize();
  const { title, album } = (await parseBuffer(Buffer.from(target.buffer))).common;
  return { title, album };
}

const mp4 = await titled(new Mp4OutputFormat());
const webm = await titled(new WebMOutputFormat());
console.log({ mediabunny: "1.61.0", "music-metadata": "11.16.1", mp4, webm });
assert.deepEqual(mp4, { title: "For Anna", album: undefined });
assert.deepEqual(webm, { title: undefined, album: "For Anna" });
JS
node run.mjs
