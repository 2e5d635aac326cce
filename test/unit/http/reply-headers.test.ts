import { expect, it } from "vitest";

import { packingOf } from "../../../dist/http/reply-headers.js";

it.each([
  undefined,
  "",
  " ",
  "identity",
  "aws-chunked",
  "identity,aws-chunked",
  "utf-8",
  "UTF-8",
  "binary",
  ["aws-chunked", "identity"],
  "none",
])("%j packs nothing", (header) => {
  expect(packingOf(header)).toBeNull();
});

it.each([
  ["gzip", "gzip"],
  ["GZIP", "gzip"],
  ["x-gzip", "x-gzip"],
  ["br", "br"],
  ["deflate", "deflate"],
  ["zstd", "zstd"],
  ["aws-chunked, gzip", "gzip"],
  [["identity", "br"], "br"],
])("%j packs", (header, packing) => {
  expect(packingOf(header)).toBe(packing);
});
