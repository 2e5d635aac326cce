import { describe, expect, it } from "vitest";

import { findEnvelope } from "../../../../dist/assets/fetch/find-envelope.js";

const bytes = (text: string) => Buffer.from(text, "latin1");
const jpeg = bytes(`\xff\xd8\xff\xe0\0\x10JFIF${"\x01".repeat(80)}`);
const disposition = (rest: string) => `Content-Disposition: form-data; ${rest}\r\n`;

/** Finds the content of a file that is shorter than the examined part. */
function inside(file: Buffer): Buffer | null {
  const envelope = findEnvelope(file);
  if (envelope === null) return null;
  const rest = file.subarray(envelope.startBytes);
  const end = envelope.delimiter === null ? -1 : rest.indexOf(envelope.delimiter);
  const content = end === -1 ? rest : rest.subarray(0, end);
  return envelope.isBase64 ? Buffer.from(content.toString("latin1"), "base64") : content;
}

describe("findEnvelope", () => {
  it.each<[string, Buffer]>([
    [
      "a browser's form",
      Buffer.concat([
        bytes(`------WebKitFormBoundaryA1\r\n${disposition('name="file"; filename="a.jpg"')}`),
        bytes("Content-Type: image/jpeg\r\n\r\n"),
        jpeg,
        bytes("\r\n------WebKitFormBoundaryA1--\r\n"),
      ]),
    ],
    [
      "a form with fields around the file",
      Buffer.concat([
        bytes(`--b\r\n${disposition('name="cacheControl"')}\r\n3600\r\n`),
        bytes(`--b\r\n${disposition('name=""; filename="blob"')}\r\n`),
        jpeg,
        bytes(`\r\n--b\r\n${disposition('name="x"')}\r\ny\r\n--b--\r\n`),
      ]),
    ],
    [
      "a form that was cut off",
      Buffer.concat([bytes(`--b\r\n${disposition('name="f"; filename="a"')}\r\n`), jpeg]),
    ],
    [
      "a form whose file is spelt in base64",
      bytes(
        `--b\r\n${disposition('name="f"; filename="a"')}Content-Transfer-Encoding: base64\r\n\r\n` +
          `${jpeg.toString("base64")}\r\n--b--`,
      ),
    ],
    ["a line break before it", Buffer.concat([bytes("\r\n"), jpeg])],
    ["a byte order mark before it", Buffer.concat([bytes("\xef\xbb\xbf"), jpeg])],
    ["an address that spells it", bytes(`data:image/jpeg;base64,${jpeg.toString("base64")}`)],
    ["such an address in quotes", bytes(`"data:image/jpeg;base64,${jpeg.toString("base64")}"\n`)],
    ["lines of base64", bytes(jpeg.toString("base64").replaceAll(/.{60}/g, "$&\r\n"))],
  ])("finds the file inside %s", (_what, file) => {
    expect(inside(file)).toEqual(jpeg);
  });
});

it.each<[string, Buffer]>([
  ["a picture", jpeg],
  ["a picture behind more than a line break", Buffer.concat([bytes("\n".repeat(80)), jpeg])],
  ["words", bytes("\r\nWith love, from all of us. ".repeat(8))],
  ["words in base64", bytes(Buffer.from("With love, from all of us. ".repeat(8)).toString("base64"))],
  ["a signature of words", bytes("-- \r\nAnna Miller\r\nSent from my phone")],
  ["a form without a file", bytes(`--b\r\n${disposition('name="text"')}\r\nHello\r\n--b--\r\n`)],
  ["nothing", Buffer.alloc(0)],
])("finds no envelope around %s", (_what, file) => {
  expect(findEnvelope(file)).toBeNull();
});
