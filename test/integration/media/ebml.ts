/** An element of EBML (RFC 8794) whose size is written in eight bytes. @param id hex digits */
export function element(id: string, ...content: readonly Uint8Array[]): Buffer {
  const inside = Buffer.concat(content);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(inside.length) + 2n ** 56n);
  return Buffer.concat([Buffer.from(id, "hex"), size, inside]);
}

/** One of an unknown size, up to the end of the file. */
export function openElement(id: string, ...content: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(id, "hex"), Buffer.from("01ffffffffffffff", "hex"), ...content]);
}
