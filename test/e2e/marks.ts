import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, lstatSync } from "node:fs";
import path from "node:path";

/** A secret that can be recognised wherever a part of it comes to lie. */
export interface Mark {
  readonly name: string;
  /** The part that is looked for: letters and digits, so that no encoding of text changes it. */
  readonly core: string;
}

/** Something that was said or written, and where. */
export interface Evidence {
  readonly where: string;
  readonly bytes: Buffer | string;
}

export function createMark(name: string): Mark {
  return { name, core: `Mark${name.replaceAll(/\W/g, "")}${randomBytes(10).toString("hex")}` };
}

/** A key of the older kind: a JSON web token. */
export function tokenOf({ core }: Mark, claims: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}.${core}`;
}

/** @returns a line for each mark that is there, in plain text or in the encodings that programs use without thinking */
export function findMarks(marks: readonly Mark[], evidence: readonly Evidence[]): readonly string[] {
  const looked = marks.flatMap(({ name, core }) =>
    formsOf(core).map(([form, bytes]) => ({ name, form, bytes })),
  );
  return evidence.flatMap(({ where, bytes }) => {
    const found = looked.filter((one) => Buffer.from(bytes as string).includes(one.bytes));
    return found.map(({ name, form }) => `${name} (${form}) in ${where}`);
  });
}

function formsOf(core: string): readonly (readonly [form: string, bytes: Buffer])[] {
  const plain = Buffer.from(core);
  // Wherever in a longer text it begins: of three shifts one is right, and its first and last letters hold neighbours.
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), plain])
      .toString("base64")
      .slice(4, -4),
  );
  return [
    ["plain", plain],
    ["UTF-16", Buffer.from(core, "utf16le")],
    ["hex", Buffer.from(plain.toString("hex"))],
    ...inBase64.map((text) => ["base64", Buffer.from(text)] as const),
    ...inBase64.map(
      (text) => ["base64url", Buffer.from(Buffer.from(text, "base64").toString("base64url"))] as const,
    ),
  ];
}

/** All files below a folder, and their names. */
export function readFolder(folder: string): readonly Evidence[] {
  return listFiles(folder).flatMap((file) => [
    { where: `the name of ${file}`, bytes: file },
    { where: file, bytes: readIfThere(file) },
  ]);
}

function listFiles(folder: string): readonly string[] {
  const names = unlessGone(() => readdirSync(folder)) ?? [];
  return names.flatMap((name) => {
    const file = path.join(folder, name);
    const found = unlessGone(() => lstatSync(file));
    if (found?.isDirectory() === true) return [file, ...listFiles(file)];
    return [file];
  });
}

function readIfThere(file: string): Buffer {
  return (
    unlessGone(() => (lstatSync(file).isFile() ? readFileSync(file) : Buffer.alloc(0))) ?? Buffer.alloc(0)
  );
}

/** Returns null for files that a running worker removes in the meantime. */
function unlessGone<Found>(read: () => Found): Found | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
