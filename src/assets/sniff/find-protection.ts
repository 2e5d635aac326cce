/** Finds copy protection that decoders ignore: they would show the encrypted bytes as noise. */

/** GUIDs in the byte order of the file (ASF specification 01.20.06, section 10). */
const asfHeaderExtension = Buffer.from("b503bf5f2ea9cf118ee300c00c205365", "hex");
const asfEncryption = [
  // Content Encryption, Extended Content Encryption, Advanced Content Encryption.
  Buffer.from("fbb3112223bdd211b4b700a0c955fc6e", "hex"),
  Buffer.from("14e68a292226174cb935dae07ee9289c", "hex"),
  Buffer.from("338505438169e6499b74ad12cb86d58c", "hex"),
];
const asfHeaderBytes = 30;
const asfExtensionHeaderBytes = 46;

/**
 * Whether the header of a file marks its pictures or sound as encrypted: in ASF (Windows Media DRM, PlayReady), and in
 * Matroska and WebM. MP4 has such marks in its sample entries, which FFmpeg reports.
 *
 * @param head the file's beginning
 * @param demuxer FFmpeg's name of the container
 */
export function isProtected(head: Buffer, demuxer: string): boolean {
  if (demuxer === "asf") return hasEncryptionObject(head, asfHeaderBytes, headerEnd(head));
  return demuxer === "matroska" && hasEncryptedTrack(head);
}

function headerEnd(head: Buffer): number {
  return head.length < asfHeaderBytes ? 0 : Math.min(head.length, Number(head.readBigUInt64LE(16)));
}

/** Searches objects that follow each other, each with a GUID and a size of 64 bits, and those in the header extension. */
function hasEncryptionObject(head: Buffer, start: number, end: number, isInExtension = false): boolean {
  for (let at = start; at + 24 <= end;) {
    const guid = head.subarray(at, at + 16);
    const size = Number(head.readBigUInt64LE(at + 16));
    if (asfEncryption.some((mark) => mark.equals(guid))) return true;
    if (size < 24) return false;
    if (!isInExtension && guid.equals(asfHeaderExtension)) {
      const inside = at + asfExtensionHeaderBytes;
      if (hasEncryptionObject(head, inside, Math.min(end, at + size), true)) return true;
    }
    at += size;
  }
  return false;
}

/** Elements of Matroska (RFC 9559) on the path to a track's encryption. */
const segment = 0x18_53_80_67;
const tracks = 0x16_54_ae_6b;
const trackEntry = 0xae;
const trackType = 0x83;
const pathToEncryption = [0x6d_80, 0x62_40, 0x50_35];

/** Whether a picture or sound track is encrypted: ContentEncodings, ContentEncoding, ContentEncryption. */
function hasEncryptedTrack(head: Buffer): boolean {
  return elementsAlong(head, [segment, tracks, trackEntry]).some(
    (track) =>
      elementsAlong(head, [trackType], track).some(({ from }) => head[from] === 1 || head[from] === 2) &&
      elementsAlong(head, pathToEncryption, track).length > 0,
  );
}

/** Finds the elements at the end of a path of nested elements. */
function elementsAlong(
  head: Buffer,
  ids: readonly number[],
  within = { from: 0, to: head.length },
): Element[] {
  const [first, ...others] = ids;
  const found = [...readElements(head, within.from, within.to)].filter(({ id }) => id === first);
  return others.length === 0 ? found : found.flatMap((element) => elementsAlong(head, others, element));
}

interface Element {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** Reads elements of EBML (RFC 8794): identifier and size have variable lengths; a size with all bits set is unknown. */
function* readElements(head: Buffer, start: number, end: number): Generator<Element> {
  for (let at = start; at < end;) {
    const idBytes = lengthOf(head[at]);
    const sizeAt = at + idBytes;
    const sizeBytes = lengthOf(head[sizeAt]);
    const from = sizeAt + sizeBytes;
    if (idBytes > 4 || sizeBytes > 8 || from > end) return;
    const id = head.readUIntBE(at, idBytes);
    let size = (head[sizeAt] as number) & (0xff >> sizeBytes);
    let isUnknown = size === 0xff >> sizeBytes;
    for (const byte of head.subarray(sizeAt + 1, from)) {
      size = size * 256 + byte;
      isUnknown &&= byte === 0xff;
    }
    const to = isUnknown ? end : Math.min(end, from + size);
    yield { id, from, to };
    at = to;
  }
}

/** Length of an EBML number: the leading zeros of its first byte plus one; 9 when the byte is zero or missing. */
function lengthOf(byte: number | undefined): number {
  return byte === undefined ? 9 : Math.clz32(byte) - 23;
}
