import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";

import { expect, it } from "vitest";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import type { FetchLimits } from "../../../dist/assets/fetch/fetch-limits.js";
import { useFolder } from "../../use-folder.js";

const { signal } = new AbortController();

const folder = useFolder();

/** A server that answers 503 while `isBusy`, and a fetcher for one film. */
async function openRig(limits: Partial<FetchLimits>) {
  const state = { isBusy: true };
  const requested: string[] = [];
  const server = createServer((request, response) => {
    requested.push(request.url ?? "");
    response.writeHead(state.isBusy ? 503 : 200).end("a file");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetcher = createFetcher({ objects: null, allowedHosts: [], ownOrigin: origin, limits });
  let next = 0;
  return {
    state,
    requestsFor: (name: string) => requested.filter((url) => url === `/${name}`).length,
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
  await using rig = await openRig({ retrySeconds: 4 });
  expect(await rig.fetch("first")).toBe("media-unreachable");
  expect(rig.requestsFor("first")).toBeGreaterThan(1);
  expect(await rig.fetch("second")).toBe("media-unreachable");
  expect(rig.requestsFor("second")).toBe(1);

  // After an answer the host gets the whole retry time again.
  rig.state.isBusy = false;
  expect(await rig.fetch("third")).toBe("fetched");
  rig.state.isBusy = true;
  expect(await rig.fetch("fourth")).toBe("media-unreachable");
  expect(rig.requestsFor("fourth")).toBeGreaterThan(1);
});

it("waits for the files of a film no longer than the limit for all of them", async () => {
  await using rig = await openRig({ retrySeconds: 60, totalSeconds: 3 });
  expect(await rig.fetch("first")).toBe("media-unreachable");
  expect(rig.requestsFor("first")).toBeGreaterThan(0);
  expect(await rig.fetch("second")).toBe("media-unreachable");
  expect(rig.requestsFor("second")).toBe(0);
});
