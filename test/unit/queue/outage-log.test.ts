import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import { createOutageLog } from "../../../dist/queue/outage-log.js";

const away = new KeepsakeError("database-unreachable", "The database cannot be reached: ECONNREFUSED.", {
  cause: new Error("connect ECONNREFUSED 127.0.0.1:5432"),
});
let lines: string[];

function openLog() {
  lines = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
  return createOutageLog(log);
}

const said = (): unknown[] => lines.map((line) => JSON.parse(line) as unknown);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("logs once that an outage began, every five minutes while it lasts, and once that it is over", () => {
  const outages = openLog();
  for (let second = 0; second <= 700; second += 20) {
    outages.failed(away);
    vi.advanceTimersByTime(20_000);
  }
  outages.answered();
  outages.answered();
  const { code, message: reason } = away;
  expect(said()).toEqual([
    { level: 40, code, reason, msg: "the database is out of reach; calls are repeated until it answers" },
    { level: 40, code, reason, seconds: 300, msg: "the database is still out of reach" },
    { level: 40, code, reason, seconds: 600, msg: "the database is still out of reach" },
    { level: 30, seconds: 720, msg: "the database is back" },
  ]);
});

it("does not log each outage where connections come and go", () => {
  const outages = openLog();
  for (let turn = 0; turn < 50; turn += 1) {
    outages.failed(away);
    vi.advanceTimersByTime(500);
    outages.answered();
    vi.advanceTimersByTime(500);
  }
  expect(said()).toHaveLength(2);
});

it("logs an outage that began in the quiet time when it lasts", () => {
  const outages = openLog();
  outages.failed(away);
  outages.answered();
  for (let second = 0; second <= 80; second += 10) {
    vi.advanceTimersByTime(10_000);
    outages.failed(away);
  }
  outages.answered();
  expect(said().map((line) => (line as { msg: string }).msg)).toEqual([
    "the database is out of reach; calls are repeated until it answers",
    "the database is back",
    "the database is out of reach; calls are repeated until it answers",
    "the database is back",
  ]);
});

it("a database that answers with an error is not out of reach", () => {
  const outages = openLog();
  outages.failed(new KeepsakeError("database-busy", "No connection is free."));
  outages.failed(new Error("Something else."));
  expect(said()).toEqual([]);
});
