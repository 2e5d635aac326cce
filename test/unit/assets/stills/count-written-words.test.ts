import { createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import { expect, it } from "vitest";

import { countWrittenWords } from "../../../../dist/assets/stills/count-written-words.js";
import { createFontBook } from "../../../../dist/film/typography/font-book.js";

const fonts = createFontBook(400);

function picture(width: number, height: number, background: string, draw: (context: SKRSContext2D) => void) {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  draw(context);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(rgba.subarray(i * 4, i * 4 + 3), i * 3);
  return { data, width, height };
}

const sentence = "We talked about the garden, the cat and what to cook next Sunday.";

function chat(sizePx: number, colours: { ink: string; paper: string }, text = sentence) {
  const pitch = Math.round(sizePx * 1.3);
  return picture(sizePx * 32, pitch * 60, colours.paper, (context) => {
    context.font = fonts.fontFor(text, sizePx);
    context.fillStyle = colours.ink;
    for (let line = 0; line < 60; line++) context.fillText(text, sizePx, pitch * (line + 0.9));
  });
}

it.each([
  ["black on white", 24, { ink: "#111111", paper: "#ffffff" }],
  ["small print", 14, { ink: "#222222", paper: "#e8e2da" }],
  ["white on black", 40, { ink: "#eeeeee", paper: "#101418" }],
])("counts the words of a page, %s, to within a third", (_name, sizePx, colours) => {
  const words = 60 * sentence.split(" ").length;
  const counted = countWrittenWords(chat(sizePx, colours));
  expect(counted).toBeGreaterThan((words * 2) / 3);
  expect(counted).toBeLessThan((words * 4) / 3);
});

it("counts two ideographs as a word", () => {
  const text = "星期天我们谈了花园猫和下周做什么饭然后又笑了很久";
  const counted = countWrittenWords(chat(28, { ink: "#111111", paper: "#ffffff" }, text));
  expect(counted).toBeGreaterThan(60 * text.length * 0.3);
  expect(counted).toBeLessThan(60 * text.length * 0.8);
});

it("counts no words in a picture without text", () => {
  const sky = picture(400, 2400, "#000000", (context) => {
    const gradient = context.createLinearGradient(0, 0, 0, 2400);
    gradient.addColorStop(0, "#8fb4d8");
    gradient.addColorStop(1, "#274060");
    context.fillStyle = gradient;
    context.fillRect(0, 0, 400, 2400);
  });
  expect(countWrittenWords(sky)).toBe(0);
  // The texture is as rough as grass or gravel, and the same everywhere.
  const noise = { width: 400, height: 2400, data: Buffer.alloc(400 * 2400 * 3) };
  let state = 1;
  for (let i = 0; i < noise.data.length; i += 3) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    noise.data.fill(state >>> 24, i, i + 3);
  }
  expect(countWrittenWords(noise)).toBe(0);
});
