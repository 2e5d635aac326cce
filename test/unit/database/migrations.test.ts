import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { readMigrations } from "../../../dist/database/migrations.js";

/** Hashes of the released files. A change of the database is a new file here, and never another hash. */
const frozen: Readonly<Record<string, string>> = {
  "001_queues.sql": "20f217a3234d9b117fdcc05cdf5a35b275a3b267dc7bd9ed11494f9dd1bc8322",
  "002_tables.sql": "3a6349f6ca9cace2015fb1a884c8829a2c685613eecfa6a321c53205d23d5396",
  "003_job_parts.sql": "88a27b6afdc3aa0b55d5b106993920836c41b99dfc03e5273f1ad8411b22202f",
  "004_claim_acquire_heartbeat.sql": "48cec7fcc67c601d8387ad453f9369d2d9c6690bc9946195af977bef7642dc30",
  "005_publish_finish.sql": "15f6aaf3967feece4396e120a5a132c55a723c5397bd035a13e689ab5d9fc016",
  "006_operating.sql": "f988bb8c32354b9c2c6e81ef728a0231770723ce1799068952e175df65f6e959",
  "007_dead_letters.sql": "bdc63bdce9e45323806831f6b61372e2c00f22b0e0b0dde9f921b85bf2a0bc92",
  "008_purge_requeue_sweep.sql": "717d382070a310d23ea627aa117067513d1630ef393e0582c9f5bb9a2cae2e94",
  "009_prune.sql": "0e279e220f3c9199e0665d6a96faf0900057133eeca08ba18c8bf13958d603a1",
  "010_overview.sql": "d2f95c070f14b7db0673d5ed77360053ad23bdbf9e6472e22f75a5893f373d5c",
  "011_guide.sql": "7698780194896cb45f44a909d3732ac246913099a16d396c2f028b3d57098d05",
  "012_grants.sql": "b82a452c32f370f81f3019c24baba25bd1f3464ac957e0b4308c43e977b80f43",
  "013_call.sql": "081b76d422bdff71edfcfb80d7470935f3de1fe67472bc2ea386545979388a7b",
  "014_set_up.sql": "333a24c9d21be25b1854f2742ca50f69a46800bb8d3ca68d72ba50352794b7ae",
  "015_trials.sql": "abfcad4a37ba26b526f7adb4303d27efe1efbcf3aa3897b9d7e2b010565c3456",
  "016_forget.sql": "02e742444a229eb0245d6bddc962300aac0be3826b2cbfcad472f33888748aad",
  "017_order.sql": "c7b0d54db294e9f5e11018b8e6987cb09a29eb967dd9979a5f1e2f78ad884408",
};

describe("the migrations in sql/", () => {
  it("are frozen: each file has the hash that is pinned here", async () => {
    const read = await readMigrations();
    expect(Object.fromEntries(read.map(({ name, sha256 }) => [name, sha256]))).toEqual(frozen);
  });

  it("are numbered by time when they are newer than 017", async () => {
    const later = (await readMigrations()).map(({ name }) => name).filter((name) => !/^0\d\d_/.test(name));
    for (const name of later) expect(name).toMatch(/^20\d{12}_[a-z0-9_]+\.sql$/);
  });
});

it("sorts migrations that are numbered by time after those with three digits", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-migrations-"));
  try {
    const names = ["20270101000000_later.sql", "017_order.sql", "20261201120000_new.sql", "001_queues.sql"];
    for (const name of names) await writeFile(path.join(folder, name), "select 1;");
    const read = await readMigrations(pathToFileURL(`${folder}/`));
    expect(read.map(({ name }) => name)).toEqual([
      "001_queues.sql",
      "017_order.sql",
      "20261201120000_new.sql",
      "20270101000000_later.sql",
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
