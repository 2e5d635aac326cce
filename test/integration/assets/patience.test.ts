import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import type { FetchLimits } from "../../../dist/assets/fetch/fetch-limits.js";

const { signal } = new AbortController();

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-patience-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A server that is busy as long as it is told to be, and a fetcher for one film. */
async function openRig(limits: Partial<FetchLimits>) {
  const state = { isBusy: true };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(state.isBusy ? 503 : 200).end("a file");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetcher = createFetcher({ objects: null, allowedHosts: [], ownOrigin: origin, limits });
  let next = 0;
  return {
    state,
    timesAsked: (name: string) => asked.filter((url) => url === `/${name}`).length,
    async fetch(name: string): Promise<string> {
      next += 1;
      const target = await mkdtemp(path.join(folder, "file-"));
      return await fetcher.fetch(`${origin}/${name}`, path.join(target, String(next)), signal).then(
        () => "fetched",
        ({ code }: { code: string }) => code,
      );
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

it("waits once for a host that stays unreachable, and not for each file of a film", async () => {
  await using rig = await openRig({ retrySeconds: 1.5 });
  expect(await rig.fetch("first")).toBe("media-unreachable");
  expect(rig.timesAsked("first")).toBeGreaterThan(1);
  expect(await rig.fetch("second")).toBe("media-unreachable");
  expect(rig.timesAsked("second")).toBe(1);

  // Once it answers it is waited for as before.
  rig.state.isBusy = false;
  expect(await rig.fetch("third")).toBe("fetched");
  rig.state.isBusy = true;
  expect(await rig.fetch("fourth")).toBe("media-unreachable");
  expect(rig.timesAsked("fourth")).toBeGreaterThan(1);
});

it("waits for the files of a film no longer than the limit for all of them", async () => {
  await using rig = await openRig({ retrySeconds: 60, totalSeconds: 0.6 });
  expect(await rig.fetch("first")).toBe("media-unreachable");
  expect(rig.timesAsked("first")).toBeGreaterThan(0);
  expect(await rig.fetch("second")).toBe("media-unreachable");
  expect(rig.timesAsked("second")).toBe(0);
});
