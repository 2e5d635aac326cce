import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { stripHtml } from "../../../dist/capsule/strip-html.js";
import { threadCpuSeconds } from "../../thread-cpu-seconds.js";

/** A hundred times what it takes: an expression that backtracks takes minutes. */
const maxCpuSeconds = 10;

describe("stripHtml on the HTML of rich-text editors", () => {
  it.each([
    [
      "<p>Dear <strong>Oma</strong>,</p><p>we miss you.<br/>Every &amp; any day&nbsp;&hellip; it&#39;s hard.</p>",
      "Dear Oma,\n\nwe miss you.\nEvery & any day … it's hard.",
    ],
    ["<div>One</div><div>Two</div>", "One\nTwo"],
    ["<div>One<br></div>\n<div><br></div>\n<div>Two</div>", "One\n\nTwo"],
    // Editors that write empty paragraphs write one for each line.
    ["<p>One</p><p>Two</p><p><br></p><p>Three</p>", "One\nTwo\n\nThree"],
    ["<p>One</p><p></p><p>Two</p><p>&nbsp;</p><p>Three</p>", "One\n\nTwo\n\nThree"],
    ["One<br>Two<BR />\nThree", "One\nTwo\nThree"],
    ["One<br><br>Two", "One\n\nTwo"],
    ["<h2>Oma</h2><blockquote>Always <em>eat</em>.</blockquote>", "Oma\n\nAlways eat."],
    [
      "<p>She was:</p><ul><li>kind</li><li><p>brave</p></li></ul><p>Yes.</p>",
      "She was:\n\n• kind\n• brave\n\nYes.",
    ],
    ["<ol>\n  <li>one</li>\n  <li>two</li>\n</ol>", "1. one\n2. two"],
    [
      '<p class="ql-align-center" style=\'color: "red"\'>See <a href="https://example.org/?a=1&amp;b=2" target=_blank>this</a></p>',
      "See this",
    ],
    ["<p>a</p><!--EndFragment-->", "a"],
    ["<p>I &lt;3 you &lt;b&gt;</p>", "I <3 you <b>"],
    ["&amp;lt;", "&lt;"],
    ["<p>&#128420; &#x2665; &#150; caf&eacute;</p>", "🖤 ♥ – café"],
    ['<p>Love <img src="data:image/png;base64,AAAA" alt="❤" class=emoji></p>', "Love ❤"],
    ["It&#39;s me &amp; you,\nalways", "It's me & you,\nalways"],
    ["<b>You</b>\n\nand   me", "You\n\nand   me"],
    ["<p>One\n   two <b> three</b></p>", "One two three"],
    ["<p><br></p>", ""],
  ])("turns %j into %j", (html, words) => {
    expect(stripHtml(html)).toBe(words);
  });
});

describe("stripHtml on words of a person", () => {
  it.each([
    "I <3 you",
    "a < b and b > a",
    "Tom & Anna",
    "Tom & Anna &amp; Max & more",
    "<b>bold",
    "bold</b>",
    "<b><i>crossed</b></i>",
    "<p>I <3 you</p>",
    "<p>Tom & Anna</p>",
    "<p>unknown &xyzzy; here</p>",
    "<Anna>",
    "<script>alert(1)</script>",
    "<p onclick=>x</p>",
    "<svg><p>x</p></svg>",
    "<iframe src=x></iframe>",
    "<p>a</p",
    "< p>a</p>",
    "&#0;",
    "&#xD800;",
    "&#x110000;",
    "plain words",
    "",
  ])("leaves %j unchanged", (text) => {
    expect(stripHtml(text)).toBeNull();
  });

  it("reads any text in linear time", () => {
    const begins = ["<p", "<p ", "<p a", "<p a=", "<p>", "&", "&#", "<!--", "<", " ", '<p a="', "<p><br >"];
    const before = threadCpuSeconds();
    for (const begin of begins) stripHtml("<p>" + begin.repeat(20_000 / begin.length));
    for (const begin of begins) stripHtml(`<p ${begin}${" ".repeat(20_000)}`);
    for (const whole of ["<b>", "<li>", "<ul><li>", "<p>a ", "<div> "]) {
      const count = Math.floor(20_000 / (2 * whole.length + 3));
      const ends =
        whole
          .match(/<\w+>/g)
          ?.map((tag) => tag.replace("<", "</"))
          .toReversed()
          .join("") ?? "";
      expect(stripHtml(whole.repeat(count) + ends.repeat(count))).not.toBeNull();
      expect(stripHtml(`${whole}${ends}`.repeat(count))).not.toBeNull();
    }
    expect(threadCpuSeconds() - before).toBeLessThan(maxCpuSeconds);
  });

  it("never makes a text longer, and never throws", () => {
    const piece = fc.constantFrom(
      "<p>",
      "</p>",
      "<br>",
      "<li>",
      "</li>",
      "<ul>",
      "</ul>",
      "a",
      " ",
      "\n",
      "&amp;",
      "&nbsp;",
      "<",
      "&",
      "<b>",
      "</b>",
      "<img alt=x>",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const html = pieces.join("");
        const words = stripHtml(html);
        if (words === null) return;
        expect(words.length).toBeLessThanOrEqual(html.length);
        expect(words.match(/a/g)?.length ?? 0).toBe(
          html.replaceAll(/<[^>]*>|&[^;]*;/g, "").match(/a/g)?.length ?? 0,
        );
        expect(words).not.toMatch(/\n{3}|<br|<p>/);
      }),
    );
  });
});
