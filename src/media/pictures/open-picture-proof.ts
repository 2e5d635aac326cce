import { Frame } from "node-av/lib";

import type { ClipAsset } from "../asset.js";
import { KeepsakeError } from "../../errors.js";
import type { PictureOrientation } from "./display-matrix.js";
import { openPictureConverter, type OpenedPictureConverter } from "./open-picture-converter.js";

/** Converts a picture of each kind as the painter will: what cannot be shown is found out before the film is begun. */
export interface PictureProof extends Disposable {
  /** @throws KeepsakeError `media-damaged` */
  convert(frame: Frame, transfer: ClipAsset["transfer"]): void;
}

const size = { width: 64, height: 36 } as const;

/** Recordings of live video change their size now and then; one that changes it with each picture is not followed. */
const maxKinds = 32;

export function openPictureProof(turn: PictureOrientation): PictureProof {
  const seen = new Set<string>();
  let converter: OpenedPictureConverter | null = null;
  const target = new Frame();
  target.alloc();
  return {
    convert(frame, transfer) {
      const { width, height, format, colorSpace, colorRange, colorPrimaries, colorTrc } = frame;
      const kind = [width, height, format, colorSpace, colorRange, colorPrimaries, colorTrc].join();
      if (seen.has(kind) || seen.size >= maxKinds) return;
      seen.add(kind);
      converter ??= openPictureConverter({ ...turn, transfer }, size);
      try {
        converter.convert(frame, target);
      } catch (error) {
        throw new KeepsakeError("media-damaged", "The video's pictures cannot be converted.", {
          cause: error,
        });
      }
    },
    [Symbol.dispose]() {
      converter?.[Symbol.dispose]();
      target.free();
    },
  };
}
