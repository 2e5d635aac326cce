export interface WaveFormat {
  readonly sampleRate: number;
  readonly channelCount: number;
}

/** A WAVE file of 16-bit samples, those of all channels in turn. */
export function waveFile(samples: Int16Array, format: WaveFormat): Buffer {
  return Buffer.concat([
    waveHeader(samples.byteLength, format),
    Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
  ]);
}

/** What stands before the samples, of which there are as many bytes as it promises, or not. */
export function waveHeader(soundBytes: number, { sampleRate, channelCount }: WaveFormat): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF");
  header.writeUInt32LE(36 + soundBytes, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channelCount, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(2 * channelCount * sampleRate, 28);
  header.writeUInt16LE(2 * channelCount, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(soundBytes, 40);
  return header;
}
