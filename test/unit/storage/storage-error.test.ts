import { describe, expect, it } from "vitest";

import { readErrorReply, toStorageError } from "../../../dist/storage/storage-error.js";

describe("readErrorReply", () => {
  it("reads the effective status from the body of a 400", () => {
    const body = '{"statusCode":"404","error":"not_found","message":"Object not found"}';
    expect(readErrorReply({ status: 400, text: body })).toEqual({
      status: 404,
      text: "Object not found",
      retryAfterSeconds: null,
    });
  });

  it.each([
    [413, '{"statusCode":"413","message":"too large"}', 413],
    [502, "<html>Bad gateway</html>", 502],
    [400, "not json", 400],
    [400, '{"statusCode":"weird"}', 400],
    [500, '{"statusCode":"200","message":"x"}', 500],
    [400, "null", 400],
  ])("reads status %i with body %s as %i", (httpStatus, body, expected) => {
    expect(readErrorReply({ status: httpStatus, text: body }).status).toBe(expected);
  });

  it("shortens the message", () => {
    expect(readErrorReply({ status: 500, text: "x ".repeat(10_000) }).text.length).toBeLessThanOrEqual(200);
  });

  it("removes the markup of a proxy's page", () => {
    const page = "<html><style>h1 { color: red }</style><h1>502</h1><p>Bad gateway</p></html>";
    expect(readErrorReply({ status: 502, text: page }).text).toBe("502 Bad gateway");
  });

  it("reads Retry-After", () => {
    const refusal = readErrorReply({ status: 429, headers: { "retry-after": "7" }, text: "" });
    expect(refusal.retryAfterSeconds).toBe(7);
    expect(toStorageError(refusal, "take the film").retryAfterSeconds).toBe(7);
  });
});

describe("toStorageError", () => {
  it.each([
    [401, "storage-key-refused", "setup"],
    [403, "storage-key-refused", "setup"],
    [413, "storage-film-too-large", "setup"],
    [415, "storage-type-refused", "setup"],
    [301, "storage-refused", "setup"],
    [408, "storage-unavailable", "world"],
    [423, "storage-unavailable", "world"],
    [429, "storage-unavailable", "world"],
    [500, "storage-unavailable", "world"],
    [544, "storage-unavailable", "world"],
  ])("turns status %i into %s with the fault %s", (status, code, fault) => {
    expect(toStorageError({ status, text: "words", retryAfterSeconds: null }, "take the film")).toMatchObject(
      { code, fault },
    );
  });
});
