import { expect, it } from "vitest";

import { isNullText } from "../../../dist/capsule/null-text.js";

it.each([
  "null",
  "NULL",
  " null\n",
  "undefined",
  "Undefined",
  "NaN",
  "[object Object]",
  "[object object]",
  "[object Undefined]",
  "[]",
  "[ ]",
  "[null]",
  '[""]',
  "{}",
  "{ }",
  '""',
])("recognises %j as a program's notation for a missing value", (text) => {
  expect(isNullText(text)).toBe(true);
});

it.each([
  // A grandmother, a family's name, and words that have such a word in them.
  "Nan",
  "NAN",
  "nan",
  "Null",
  "null and void",
  "nothing",
  "None",
  "0",
  "[object] of my love",
  "[1]",
  '["a.jpg"]',
  "",
  `[${" ".repeat(20_000)}x`,
])("recognises %j as the words of a person", (text) => {
  expect(isNullText(text)).toBe(false);
});
