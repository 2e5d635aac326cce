export type SampleKind = "u8" | "s16" | "s24" | "f32";

const bytesPerSample: Readonly<Record<SampleKind, number>> = { u8: 1, s16: 2, s24: 3, f32: 4 };

/** A WAVE file of mono samples from -1 to 1; only numbers with a point can hold what is louder. */
export function sampleFile(samples: Float32Array, sampleRate: number, kind: SampleKind): Buffer {
  const size = bytesPerSample[kind];
  const data = Buffer.alloc(samples.length * size);
  for (const [index, value] of samples.entries()) writeSample(data, index * size, value, kind);
  const header = Buffer.alloc(44);
  header.write("RIFF");
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(kind === "f32" ? 3 : 1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * size, 28);
  header.writeUInt16LE(size, 32);
  header.writeUInt16LE(8 * size, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

function writeSample(data: Buffer, offset: number, value: number, kind: SampleKind): void {
  if (kind === "f32") return void data.writeFloatLE(value, offset);
  const steps = 2 ** (8 * bytesPerSample[kind] - 1);
  const whole = Math.max(-steps, Math.min(steps - 1, Math.round(value * steps)));
  if (kind === "u8") data.writeUInt8(whole + 128, offset);
  else data.writeIntLE(whole, offset, bytesPerSample[kind]);
}
