import { crc32 } from "node:zlib";

import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";

import { openClip } from "../../../dist/media/pictures/open-clip.js";
import { joinPngs } from "../assets/join-pngs.js";
import { preparedAs } from "../assets/prepare-one.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

/** Milliseconds that a picture claims, and those for which browsers show it. */
const delays = [
  [0, 100],
  [10, 100],
  [20, 20],
  [30, 30],
  [50, 50],
  [200, 200],
  [10, 100],
] as const;
const side = 48;

function still(index: number): Sharp {
  const level = 30 + index * 30;
  return sharp({
    create: { width: side, height: side, channels: 3, background: { r: level, g: 255 - level, b: 90 } },
  });
}

const claimed = delays.map(([delay]) => delay);

async function pages(): Promise<Sharp> {
  const all = await Promise.all(delays.map((_, index) => still(index).raw().toBuffer()));
  const raw = { width: side, height: side * all.length, channels: 3, pageHeight: side } as const;
  return sharp(Buffer.concat(all), { raw });
}

async function gif(): Promise<Buffer> {
  return await (await pages()).gif({ delay: claimed, loop: 0 }).toBuffer();
}

/** Sharp takes 0 and 10 ms for 100 by itself: the numbers are written behind it (WebP container, "ANMF"). */
async function webp(): Promise<Buffer> {
  const file = await (await pages()).webp({ delay: claimed.map((delay) => delay + 100), loop: 0 }).toBuffer();
  let index = 0;
  for (
    let at = 12;
    at + 8 < file.length;
    at += 8 + file.readUInt32LE(at + 4) + (file.readUInt32LE(at + 4) & 1)
  ) {
    if (file.toString("latin1", at, at + 4) !== "ANMF") continue;
    file.writeUIntLE(claimed[index] ?? 0, at + 8 + 12, 3);
    index += 1;
  }
  expect(index).toBe(claimed.length);
  return file;
}

async function apng(): Promise<Buffer> {
  const stills = await Promise.all(delays.map((_, index) => still(index).png().toBuffer()));
  const file = joinPngs(stills, 100);
  let index = 0;
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString("latin1", at + 4, at + 8) !== "fcTL") continue;
    const content = at + 8;
    file.writeUInt16BE(claimed[index] ?? 0, content + 20);
    file.writeUInt32BE(crc32(file.subarray(at + 4, content + 26)), content + 26);
    index += 1;
  }
  return file;
}

describe.each([
  ["GIF", gif],
  ["WebP", webp],
  ["PNG", apng],
] as const)("an animated %s", (_name, write) => {
  it("shows each picture as long as browsers do, wherever painting starts", async () => {
    const clip = await preparedAs("clip", await write(), folder);
    const seconds = delays.reduce((sum, [, shown]) => sum + shown / 1000, 0);
    expect(clip.loopSeconds).toBeCloseTo(seconds, 3);
    const fps = 200;
    for (const firstFrame of [0, 61]) {
      await using opened = await openClip(clip, { width: side, height: side, fps, firstFrame });
      const changes: number[] = [];
      for (let frame = firstFrame; frame / fps < seconds; frame += 1) {
        if ((await opened.next()).changed && frame > firstFrame) changes.push(frame / fps);
      }
      let at = 0;
      const expected = delays.map(([, shown]) => (at += shown / 1000)).slice(0, -1);
      const later = expected.filter((time) => time > (firstFrame + 0.5) / fps);
      expect(changes).toHaveLength(later.length);
      for (const [index, time] of later.entries()) expect(changes[index]).toBeCloseTo(time, 2);
    }
  });
});
