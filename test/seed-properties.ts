import fc from "fast-check";

const defaultSeed = 1;

// The same values in every run, so that a test that fails does so for what was changed. `KEEPSAKE_TEST_SEED` is another
// whole number, or `random` to look for new values; fast-check prints the seed of what fails.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: readSeed(process.env["KEEPSAKE_TEST_SEED"]) });

function readSeed(text: string | undefined): number {
  if (text === undefined || text === "") return defaultSeed;
  if (text === "random") return Math.floor(Math.random() * 2 ** 31);
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`KEEPSAKE_TEST_SEED is "${text}". Set it to a whole number or to "random".`);
}
