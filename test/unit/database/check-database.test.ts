import { describe, expect, it } from "vitest";

import { whyUnsupported } from "../../../dist/database/check-database.js";

describe("whyUnsupported", () => {
  it.each(["1.4.4", "1.4.5", "1.5.0", "1.5.1", "1.9.0", "1.11.0", "1.11.1", "1.13.1", "2.0.0"])(
    "accepts PGMQ %s",
    (version) => {
      expect(whyUnsupported(version)).toBeNull();
    },
  );
  it.each(["0.33.3", "1.3.3", "1.4.3", "1.10.0", "1.10.1"])("rejects PGMQ %s with a reason", (version) => {
    expect(whyUnsupported(version)).toMatch(/^which /);
  });
});
