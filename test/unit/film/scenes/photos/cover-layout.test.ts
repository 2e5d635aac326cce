import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { poseAt } from "../../../../../dist/film/paint/pose-at.js";
import { toFrameBox, toPictureBox } from "../../../../../dist/film/scenes/photos/camera.js";
import {
  isSubjectUnder,
  fillsFrame,
  layOutCover,
} from "../../../../../dist/film/scenes/photos/cover-layout.js";

const hd = { width: 1920, height: 1080 };
const frames = fc.constantFrom(
  hd,
  { width: 640, height: 360 },
  { width: 3840, height: 2160 },
  { width: 1080, height: 1920 },
  { width: 1080, height: 1080 },
);
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const focus = fc.record({ x: fraction, y: fraction });
/** Photos of nearly the frame's shape, from half to twice its size. */
const framesAndPhotos = fc
  .record({ frame: frames, shape: fc.double({ min: 0.81, max: 1.23, noNaN: true }), size: fraction, focus })
  .map(({ frame, shape, size, focus: at }) => {
    const scale = 0.62 + 1.4 * size;
    const width = Math.round(frame.width * scale * Math.sqrt(shape));
    const height = Math.round((frame.height * scale) / Math.sqrt(shape));
    return { frame, photo: { width, height, focus: at } };
  });
/** Heads of any size anywhere in the photo, with the focus in their middle. */
const framesAndPeople = fc
  .record({ pair: framesAndPhotos, across: fraction, down: fraction })
  .map(({ pair: { frame, photo }, across, down }) => {
    const box = { width: 0.02 + across * 0.6, height: 0.02 + down * 0.6 };
    const subject = { x: photo.focus.x * (1 - box.width), y: photo.focus.y * (1 - box.height), ...box };
    const middle = { x: subject.x + box.width / 2, y: subject.y + box.height / 2 };
    return { frame, photo: { ...photo, focus: middle, subject } };
  });
const timed = fc.record({ seconds: fc.double({ min: 3, max: 60, noNaN: true }), zoomsIn: fc.boolean() });
const runs = { numRuns: 150 };
/** Tolerance: parts and pictures are rounded to whole and even px, each of which may be two px of the frame. */
const slackOf = (photo: { readonly width: number }, frame: { readonly width: number }): number =>
  2 + 0.001 * frame.width + (3 * frame.width) / photo.width;

describe("fillsFrame", () => {
  const middle = { focus: { x: 0.5, y: 0.5 } };
  test.each([
    ["16 to 9", 3840, 2160, true],
    ["3 to 2", 3000, 2000, true],
    ["2 to 1", 4000, 2000, true],
    ["4 to 3: heads and feet would be lost", 4032, 3024, false],
    ["upright", 3024, 4032, false],
    ["a panorama", 4096, 1200, false],
    ["too small", 900, 506, false],
  ])("%s", (_what, width, height, fills) => {
    expect(fillsFrame({ width, height, ...middle }, hd)).toBe(fills);
  });

  it("applies the same rules to tall and square frames", () => {
    const tall = { width: 1080, height: 1920 };
    expect(fillsFrame({ width: 2000, height: 3000, ...middle }, tall)).toBe(true);
    expect(fillsFrame({ width: 3000, height: 2000, ...middle }, tall)).toBe(false);
    const square = { width: 1080, height: 1080 };
    expect(fillsFrame({ width: 2000, height: 2400, ...middle }, square)).toBe(true);
    expect(fillsFrame({ width: 2000, height: 3000, ...middle }, square)).toBe(false);
  });

  it("rejects a photo for the full frame when heads would leave it", () => {
    const photo = { width: 3000, height: 2000, focus: { x: 0.5, y: 0.5 } };
    expect(fillsFrame({ ...photo, subject: { x: 0.1, y: 0.2, width: 0.6, height: 0.6 } }, hd)).toBe(true);
    expect(fillsFrame({ ...photo, subject: { x: 0.1, y: 0.05, width: 0.6, height: 0.9 } }, hd)).toBe(false);
  });
});

describe("layOutCover", () => {
  it("stays within the picture and the painter's scales, and zooms 5 to 12 %", () => {
    fc.assert(
      fc.property(framesAndPhotos, timed, ({ photo, frame }, timing) => {
        expect(fillsFrame(photo, frame)).toBe(true);
        const { part, width, height, motion } = layOutCover(photo, frame, timing);
        expect([width % 2, height % 2]).toEqual([0, 0]);
        expect(part.x >= 0 && part.y >= 0).toBe(true);
        expect(part.x + part.width <= photo.width && part.y + part.height <= photo.height).toBe(true);
        for (let at = 0; at <= 6; at += 1) {
          const pose = poseAt(motion, at, 7);
          expect(pose.scale).toBeGreaterThanOrEqual(0.5);
          expect(pose.scale).toBeLessThanOrEqual(1.15);
          const seen = toPictureBox(pose, { x: 0, y: 0, ...frame }, frame);
          expect(seen.x).toBeGreaterThanOrEqual(-1e-6);
          expect(seen.y).toBeGreaterThanOrEqual(-1e-6);
          expect(seen.x + seen.width).toBeLessThanOrEqual(width + 1e-6);
          expect(seen.y + seen.height).toBeLessThanOrEqual(height + 1e-6);
        }
        const zoom = Math.max(motion.from.scale / motion.to.scale, motion.to.scale / motion.from.scale);
        expect(zoom).toBeGreaterThan(1.0499);
        expect(zoom).toBeLessThan(1.1201);
      }),
      runs,
    );
  });

  it("shows heads completely at every moment, with a margin unless the photo itself ends there", () => {
    let count = 0;
    fc.assert(
      fc.property(framesAndPeople, timed, ({ photo, frame }, timing) => {
        fc.pre(fillsFrame(photo, frame));
        count += 1;
        const layout = layOutCover(photo, frame, timing);
        const { part, width, height, motion } = layout;
        const [toX, toY] = [width / part.width, height / part.height];
        const head = {
          x: (photo.subject.x * photo.width - part.x) * toX,
          y: (photo.subject.y * photo.height - part.y) * toY,
          width: photo.subject.width * photo.width * toX,
          height: photo.subject.height * photo.height * toY,
        };
        for (let at = 0; at <= 6; at += 1) {
          const pose = poseAt(motion, at, 7);
          const seen = toFrameBox(pose, head, frame);
          const edges = toFrameBox(
            pose,
            { x: -part.x * toX, y: -part.y * toY, width: photo.width * toX, height: photo.height * toY },
            frame,
          );
          // Its margin in the frame cannot exceed its distance from the photo's own edge.
          const keeps = (length: number, room: number): number =>
            Math.min(0.025 * length, room) - slackOf(photo, frame);
          expect(seen.x).toBeGreaterThanOrEqual(keeps(frame.width, seen.x - edges.x));
          expect(seen.y).toBeGreaterThanOrEqual(keeps(frame.height, seen.y - edges.y));
          const right = edges.x + edges.width - seen.x - seen.width;
          const foot = edges.y + edges.height - seen.y - seen.height;
          expect(frame.width - seen.x - seen.width).toBeGreaterThanOrEqual(keeps(frame.width, right));
          expect(frame.height - seen.y - seen.height).toBeGreaterThanOrEqual(keeps(frame.height, foot));
        }
      }),
      runs,
    );
    expect(count).toBeGreaterThan(50);
  });

  it("never moves the subject away from the middle", () => {
    fc.assert(
      fc.property(framesAndPhotos, timed, ({ photo, frame }, timing) => {
        expect(fillsFrame(photo, frame)).toBe(true);
        const { part, width, motion } = layOutCover(photo, frame, timing);
        const x = ((photo.focus.x * photo.width - part.x) / part.width) * width;
        const [wide, close] =
          motion.from.scale > motion.to.scale ? [motion.from, motion.to] : [motion.to, motion.from];
        const slack = slackOf(photo, frame);
        const [wideX = 0, closeX = 0] = [wide, close].map(
          (pose) => toFrameBox(pose, { x, y: 0, width: 0, height: 0 }, frame).x - frame.width / 2,
        );
        expect(Math.abs(wideX)).toBeLessThanOrEqual(frame.width / 2 + slack);
        expect(Math.abs(closeX)).toBeLessThanOrEqual(
          Math.min(Math.abs(wideX) * 1.13, frame.width / 2) + slack,
        );
      }),
      runs,
    );
  });

  it("zooms in on one photo and out of the next", () => {
    const photo = { width: 3000, height: 2000, focus: { x: 0.7, y: 0.4 } };
    const first = layOutCover(photo, hd, { seconds: 7, zoomsIn: true });
    const second = layOutCover(photo, hd, { seconds: 7, zoomsIn: false });
    expect(second.motion).toEqual({ from: first.motion.to, to: first.motion.from });
    expect(first.motion.from.scale).toBeGreaterThan(first.motion.to.scale);
  });
});

test("detects a head that is under words at any time", () => {
  const photo = { width: 3840, height: 2160, focus: { x: 0.2, y: 0.8 } };
  const name = { x: 154, y: 890, width: 400, height: 90 };
  const under = { ...photo, subject: { x: 0.1, y: 0.7, width: 0.2, height: 0.25 } };
  const beside = { ...photo, subject: { x: 0.5, y: 0.7, width: 0.2, height: 0.25 } };
  const timing = { seconds: 7, zoomsIn: true };
  expect(isSubjectUnder(under, layOutCover(under, hd, timing), name, hd)).toBe(true);
  expect(isSubjectUnder(beside, layOutCover(beside, hd, timing), name, hd)).toBe(false);
  expect(isSubjectUnder(photo, layOutCover(photo, hd, timing), name, hd)).toBe(false);
});
