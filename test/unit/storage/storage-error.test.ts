import { describe, expect, it } from "vitest";

import { readRefusal, toStorageError } from "../../../dist/storage/storage-error.js";

describe("readRefusal", () => {
  it("takes the true status out of the body of a 400", () => {
    const body = '{"statusCode":"404","error":"not_found","message":"Object not found"}';
    expect(readRefusal(400, body)).toEqual({ status: 404, text: "Object not found" });
  });

  it.each([
    [413, '{"statusCode":"413","message":"too large"}', 413],
    [502, "<html>Bad gateway</html>", 502],
    [400, "not json", 400],
    [400, '{"statusCode":"weird"}', 400],
    [500, '{"statusCode":"200","message":"x"}', 500],
    [400, "null", 400],
  ])("reads status %i with body %s as %i", (httpStatus, body, expected) => {
    expect(readRefusal(httpStatus, body).status).toBe(expected);
  });

  it("keeps what was said short", () => {
    expect(readRefusal(500, "x ".repeat(10_000)).text.length).toBeLessThanOrEqual(200);
  });
});

describe("toStorageError", () => {
  it.each([
    [401, "storage-key-refused", "setup"],
    [403, "storage-key-refused", "setup"],
    [413, "storage-film-too-large", "setup"],
    [415, "storage-refused", "setup"],
    [301, "storage-refused", "setup"],
    [408, "storage-unavailable", "world"],
    [423, "storage-unavailable", "world"],
    [429, "storage-unavailable", "world"],
    [500, "storage-unavailable", "world"],
    [544, "storage-unavailable", "world"],
  ])("makes status %i a %s, the fault of %s", (status, code, fault) => {
    expect(toStorageError({ status, text: "words" }, "take the film")).toMatchObject({ code, fault });
  });
});
