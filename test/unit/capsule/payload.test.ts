import { describe, expect, it } from "vitest";

import { parsePayload } from "../../../dist/capsule/payload.js";

const payload = {
  capsule_id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10",
  job_type: "generate_video",
  created_at: "2024-01-01T00:00:00Z",
  status: "pending",
  priority: 1,
  retry_count: 0,
};

describe("parsePayload", () => {
  it.each([
    ["the guide's object", payload, payload],
    ["a string of JSON that holds it", JSON.stringify(payload), payload],
    ["unknown fields, which are kept", { ...payload, lineage: [1] }, { ...payload, lineage: [1] }],
    [
      "the two fields that matter alone",
      { capsule_id: payload.capsule_id, job_type: "generate_video" },
      { capsule_id: payload.capsule_id, job_type: "generate_video" },
    ],
    ["numbers as text", { ...payload, priority: "1", retry_count: "0" }, payload],
    [
      "what only looks like a prototype",
      JSON.parse(`{"__proto__": {"job_type": "x"}, "constructor": 1, ${JSON.stringify(payload).slice(1)}`),
      { constructor: 1, ...payload },
    ],
    ["an id in capitals", { ...payload, capsule_id: payload.capsule_id.toUpperCase() }, payload],
  ])("accepts %s", (_what, message, expected) => {
    expect(parsePayload(message)).toEqual(expected);
  });

  it.each([
    ["nothing", null, "payload"],
    ["a number", 7, "payload"],
    ["a list", [payload], "payload"],
    ["a string that is no JSON", "capsule", "payload"],
    ["a string in a string", JSON.stringify(JSON.stringify(payload)), "payload"],
    ["no id", { ...payload, capsule_id: undefined }, "capsule_id"],
    ["an id that is none", { ...payload, capsule_id: "1; drop table capsules" }, "capsule_id"],
    ["another kind of job", { ...payload, job_type: "send_mail" }, "job_type"],
    ["a negative retry count", { ...payload, retry_count: -1 }, "retry_count"],
    ["half a retry", { ...payload, retry_count: 0.5 }, "retry_count"],
    ["more retries than can be counted", { ...payload, retry_count: 1e300 }, "retry_count"],
    [
      "a number beyond all",
      JSON.parse(`{"priority": 1e400, ${JSON.stringify(payload).slice(1)}`.replace(`"priority":1,`, "")),
      "priority",
    ],
    ["an id with a line end", { ...payload, capsule_id: `${payload.capsule_id}\n` }, "capsule_id"],
    ["a status of a page", { ...payload, status: "x".repeat(65) }, "status"],
    ["what is too large", { ...payload, note: "x".repeat(65_536) }, "65536"],
    ["what the database kept back for its size", { keepsake_too_large: 200_000_000 }, "200000000 bytes"],
    [
      "what is nested too deep",
      { ...payload, note: JSON.parse("[".repeat(20_000) + "]".repeat(20_000)) },
      "nested",
    ],
    ["an empty prototype", JSON.parse(`{"__proto__": ${JSON.stringify(payload)}}`), "capsule_id"],
    ["a priority in words", { ...payload, priority: "high" }, "priority"],
  ])("rejects %s and names the field", (_what, message, field) => {
    expect(() => parsePayload(message)).toThrow(
      expect.objectContaining({
        code: "payload-invalid",
        fault: "job",
        message: expect.stringContaining(field),
      }),
    );
  });

  it("does not repeat values of the payload", () => {
    expect(() => parsePayload({ ...payload, job_type: "Grandmother's secret" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") }),
    );
  });
});
