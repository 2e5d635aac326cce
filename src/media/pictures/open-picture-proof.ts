import { Frame } from "node-av/lib";

import type { ClipAsset } from "../asset.js";
import { KeepsakeError } from "../../errors.js";
import type { PictureOrientation } from "./display-matrix.js";
import { openPictureConverter, type OpenedPictureConverter } from "./open-picture-converter.js";

/** Converts a picture of each kind like the painter, so that a conversion that fails is detected before the film is made. */
export interface PictureProof extends Disposable {
  /** @throws KeepsakeError `media-damaged` */
  convert(frame: Frame, transfer: ClipAsset["transfer"]): void;
}

const size = { width: 64, height: 36 } as const;

/** Maximum number of kinds that are tried. Live video changes its size now and then; more changes are not checked. */
const maxKinds = 32;

export function openPictureProof(orientation: PictureOrientation): PictureProof {
  const kinds = new Set<string>();
  let converter: OpenedPictureConverter | null = null;
  const target = new Frame();
  target.alloc();
  return {
    convert(frame, transfer) {
      const { width, height, format, colorSpace, colorRange, colorPrimaries, colorTrc } = frame;
      const kind = [width, height, format, colorSpace, colorRange, colorPrimaries, colorTrc].join();
      if (kinds.has(kind) || kinds.size >= maxKinds) return;
      kinds.add(kind);
      converter ??= openPictureConverter({ ...orientation, transfer }, size);
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
