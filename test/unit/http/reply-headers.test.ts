import { expect, it } from "vitest";

import { compressionOf } from "../../../dist/http/reply-headers.js";

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
])("finds no compression in Content-Encoding %j", (header) => {
  expect(compressionOf(header)).toBeNull();
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
])("finds the compression in Content-Encoding %j", (header, coding) => {
  expect(compressionOf(header)).toBe(coding);
});
