import { crc32, deflateSync } from "node:zlib";

const signatureBytes = 8;
const headerChunkBytes = 25;

/**
 * Puts a colour profile into a PNG (chunk iCCP, PNG specification 11.3.2.3), right after its header chunk. The way
 * to have sharp convert raw pixels from a profile, which it does for encoded pictures only.
 */
export function embedIccProfile(png: Buffer, iccProfile: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from("iCCPicc\0\0", "latin1"), deflateSync(iccProfile)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length - 4);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(content));
  const place = signatureBytes + headerChunkBytes;
  return Buffer.concat([png.subarray(0, place), length, content, checksum, png.subarray(place)]);
}
