import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { makeHeicSeeds } from "./heic-seeds.js";
import { makeMediaSeeds } from "./media-seeds.js";
import { makeOldMediaSeeds } from "./old-media-seeds.js";
import { makePictureSeeds } from "./picture-seeds.js";
import type { SeedFile } from "./seed-file.js";

/** A small sound file of every container and kind that is let in, made here and now. */
export async function makeSeeds(): Promise<SeedFile[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-seeds-"));
  try {
    return [
      ...(await makePictureSeeds()),
      ...(await makeHeicSeeds(folder)),
      ...(await makeMediaSeeds(folder)),
      ...(await makeOldMediaSeeds(folder)),
      ...makeAmrSeeds(),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Frames of the lowest rate with random bits (RFC 4867): there is no encoder, and any bits can be decoded. */
function makeAmrSeeds(): SeedFile[] {
  const frames = (header: number, bytes: number): Buffer =>
    Buffer.concat(
      Array.from({ length: 15 }, (_, frame) =>
        Buffer.from(
          Array.from({ length: bytes }, (__, index) =>
            index === 0 ? header : (frame * 31 + index * 17) & 255,
          ),
        ),
      ),
    );
  return [
    { name: "narrow.amr", kind: "amr", bytes: Buffer.concat([Buffer.from("#!AMR\n"), frames(0x04, 13)]) },
    { name: "wide.amr", kind: "amr", bytes: Buffer.concat([Buffer.from("#!AMR-WB\n"), frames(0x04, 18)]) },
  ];
}
