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
    ["a priority in words", { ...payload, priority: "high" }, "priority"],
  ])("refuses %s and names the field", (_what, message, field) => {
    expect(() => parsePayload(message)).toThrow(
      expect.objectContaining({
        code: "payload-invalid",
        fault: "job",
        message: expect.stringContaining(field),
      }),
    );
  });

  it("does not repeat what the payload holds", () => {
    expect(() => parsePayload({ ...payload, job_type: "Grandmother's secret" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") }),
    );
  });
});
