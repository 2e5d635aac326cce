/** The part of the speech synthesizer that the voice note uses; the package has no types. */
declare module "@echogarden/espeak-ng-emscripten" {
  interface EspeakWorker {
    /** @returns 0 when the voice exists */
    set_voice(name: string): number;
    /** Words per minute. */
    set_rate(rate: number): void;
    /** 0 to 99. */
    set_pitch(pitch: number): void;
    /** Variation of the pitch, 0 to 99. */
    set_range(range: number): void;
    get_samplerate(): number;
    /** Calls back with mono pieces; the last piece is null. Returning true stops. */
    synthesize(text: string, onSamples: (samples: Int16Array | null) => boolean): void;
  }
  interface EspeakModule {
    eSpeakNGWorker: new () => EspeakWorker;
  }
  const open: () => Promise<EspeakModule>;
  export default open;
}
