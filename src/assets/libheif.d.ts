/** The part of libheif-js that is used; the package's own types describe its C interface only. */
declare module "libheif-js/wasm-bundle.js" {
  export class HeifDecoder {
    /** Top-level pictures; empty when the file cannot be read. */
    decode(file: Uint8Array): HeifImage[];
  }

  export interface HeifImage {
    /** As shown: the file's own rotation, mirror and crop are applied. */
    get_width(): number;
    get_height(): number;
    is_primary(): boolean;
    /** Fills `target.data` with RGBA, or calls back with null. */
    display(target: HeifPixels, done: (pixels: HeifPixels | null) => void): void;
    free(): void;
  }

  export interface HeifPixels {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;
  }

  const libheif: { readonly HeifDecoder: typeof HeifDecoder; readonly ready: Promise<unknown> };
  export default libheif;
}
