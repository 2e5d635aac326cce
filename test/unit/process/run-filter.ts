/** The data that seccomp passes to a filter for a call: struct seccomp_data. */
export interface SystemCallData {
  readonly call: number;
  readonly architecture: number;
  readonly args?: readonly bigint[];
}

/** Runs a classic BPF program like the kernel (net/core/filter.c), for the few instructions that our filters use. */
export function runFilter(program: Buffer, { call, architecture, args = [] }: SystemCallData): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call, 0);
  data.writeUInt32LE(architecture, 4);
  args.forEach((value, index) => data.writeBigUInt64LE(value, 16 + 8 * index));
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at);
    const value = program.readUInt32LE(at + 4);
    const jump = (isTrue: boolean): void => {
      at += 8 * program.readUInt8(at + (isTrue ? 2 : 3));
    };
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x45) jump((accumulator & value) !== 0);
    else if (code === 0x06) return value;
    else throw new Error(`Instruction ${at / 8} has the unknown code ${code}.`);
  }
  throw new Error("The program ends without an answer.");
}
