import { expect, test } from "vitest";

import { readingSeconds } from "../../../../dist/film/plan/reading-time.js";

// One sentence, at 2.5 words per second: languages differ by their length, not by their script.
test.each([
  ["English", "Grandmother taught me to make sweets every Sunday", 3.2],
  ["Chinese", "奶奶每个星期天都教我做点心", 2.6],
  ["Japanese", "おばあちゃんは毎週日曜日にお菓子の作り方を教えてくれました", 5.8],
  ["Thai", "ยายสอนให้ฉันทำขนมทุกวันอาทิตย์", 3.2],
  ["Burmese", "အဖွားက တနင်္ဂနွေနေ့တိုင်း မုန့်လုပ်နည်း သင်ပေးတယ်", 2.8],
  ["Korean", "할머니는 일요일마다 과자 만드는 법을 가르쳐 주셨어요", 2.8],
])("%s is read in about %f s", (_language, text, seconds) => {
  expect(Math.abs(readingSeconds(text, 2.5, 0) - seconds)).toBeLessThan(1);
});

test("few words get the minimum time", () => {
  expect(readingSeconds("❤️", 2.5, 4)).toBe(4);
});
