import { Frame } from "node-av/lib";

import { createTileCanvas, type TileCanvas } from "./tile-canvas.js";
import { openStillDecoder, undecodable } from "./open-still-decoder.js";
import type { StillLayer } from "./still-layer.js";

/**
 * Decodes a still, tile by tile if it has tiles. The data goes directly to the named decoder, without probing and without
 * a demuxer.
 *
 * @returns the picture as it was coded, before rotation; the caller must free it
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`
 */
export async function decodeStill(layer: StillLayer): Promise<Frame> {
  using decoder = await openStillDecoder(layer);
  const { tiles } = layer;
  let canvas: TileCanvas | null = null;
  let done = 0;
  const frame = new Frame();
  frame.alloc();
  try {
    const receiveReady = (): void => {
      while (done < tiles.length && decoder.receive(frame)) {
        done += 1;
        if (tiles.length === 1) return;
        canvas ??= createTileCanvas(frame, layer);
        canvas.put(frame, Number(frame.pts));
        frame.unref();
      }
    };
    for (const [index, tile] of tiles.entries()) {
      while (!decoder.send(tile, index)) receiveReady();
    }
    decoder.send(null, 0);
    receiveReady();
    if (done < tiles.length || (canvas === null && frame.width * frame.height === 0)) throw undecodable();
  } catch (error) {
    (canvas as TileCanvas | null)?.frame.free();
    frame.free();
    throw error;
  }
  const whole = (canvas as TileCanvas | null)?.frame;
  if (whole !== undefined) {
    frame.free();
    return whole;
  }
  // Coded pictures consist of whole blocks; the file may show less of them.
  frame.width = Math.min(frame.width, layer.width);
  frame.height = Math.min(frame.height, layer.height);
  return frame;
}
