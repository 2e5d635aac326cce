import { createCanvas } from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";

import { frameUnits } from "../../../../dist/film/model/frame-units.js";
import { classic } from "../../../../dist/film/model/theme.js";
import { createFontBook } from "../../../../dist/film/typography/font-book.js";
import { createTypeset } from "../../../../dist/film/typography/typeset.js";
import { unbundledRuns } from "./font-runs.js";

const frame = frameUnits({ width: 1920, height: 1080 });
const fonts = createFontBook(classic.type.weight);
const typeset = createTypeset(classic, fonts, frame);

/** A message of each script: its direction, and its number of lines on a card. */
const messages = [
  ["English", "“She kept every letter,” he said. We found them in the blue tin.", "ltr", 2],
  ["Vietnamese", "Bà ngoại dạy con gói bánh chưng, kể chuyện cổ tích mỗi tối.", "ltr", 2],
  ["Yoruba", "Ẹ̀rín rẹ kò ní gbàgbé láé. Ŋ̀ko ɓaɗi ƙauna, Ɔdɔ yɛ owu.", "ltr", 2],
  ["IPA", "[ˈɡrænˌmʌðə] t͡ʃ r̥ ʊ̯ ɔ̃ ɪ̈", "ltr", 1],
  ["Greek", "Γιαγιά, μας έμαθες να συγχωρούμε. ᾿Εν ἀρχῇ ἦν ὁ λόγος, ᾧ ἐγένετο.", "ltr", 2],
  ["Ukrainian", "Бабусю, твої вареники з вишнями були найкращі у світі, їжачок під ґанком.", "ltr", 2],
  ["Arabic", "كانت جدتي تقول لنا: «البيت لا يضيق بأحد» (House 12). رحمها الله رحمةً واسعة!", "rtl", 2],
  ["Persian", "مادربزرگ می‌گفت: «دل که تنگ نباشد، خانه تنگ نیست.» ۱۳۲۰–۱۴۰۲", "rtl", 2],
  ["Urdu", "دادی جان ہر شام ہمیں کہانیاں سناتی تھیں۔ ان کی ہنسی ہمیشہ یاد رہے گی۔", "rtl", 2],
  ["Hebrew", "יִתְגַּדַּל וְיִתְקַדַּשׁ שְׁמֵהּ רַבָּא. בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם.", "rtl", 2],
  ["Hindi", "दादी माँ हर सुबह तुलसी के पौधे को पानी देती थीं, क्षमा और श्रद्धा।", "ltr", 2],
  ["Bengali", "ঠাকুমা প্রতি সন্ধ্যায় আমাদের গল্প শোনাতেন। তাঁর স্নেহের স্পর্শ আজও মনে পড়ে।", "ltr", 2],
  ["Tamil", "பாட்டி எங்களுக்கு ஒவ்வொரு நாளும் கதை சொல்வாள். ஶ்ரீ க்ஷேமம்.", "ltr", 3],
  ["Thai", "ยายสอนให้ฉันทำขนมไทยทุกวันอาทิตย์ และบอกเสมอว่าความรักไม่มีวันหมดอายุ ปู่ป้ำ", "ltr", 2],
  ["Burmese", "အဖွားက ကျွန်မတို့ကို ညတိုင်း ပုံပြင်ပြောပြတယ်။ မမေ့ပါဘူး။", "ltr", 2],
  ["Khmer", "ជីដូនបានបង្រៀនខ្ញុំឱ្យចេះស្រឡាញ់គ្រួសារ និងចែករំលែកក្តីសុខ។", "ltr", 2],
  ["Georgian", "ბებია ყოველთვის გვეუბნებოდა: „სიყვარული ყველაფერს გაუძლებს“.", "ltr", 2],
  ["Armenian", "Տատիկս ամեն երեկո մեզ հեքիաթ էր պատմում։ «Սերը չի ծերանում»։", "ltr", 2],
  ["Simplified Chinese", "奶奶总是说：“家里再小，也容得下每一个人。”——我们想您……", "ltr", 2],
  ["Traditional Chinese", "外婆說過：「只要一家人在一起，就是最好的日子。」謝謝您！", "ltr", 2],
  ["Japanese", "おばあちゃんは、いつも「だいじょうぶ」と言って、手をにぎってくれました。", "ltr", 2],
  ["Korean", "할머니는 언제나 “밥은 먹었니?” 하고 물으셨지요. 사랑해요, 할머니.", "ltr", 2],
  ["Oriya", "ଜେଜେମା ଆମକୁ ପ୍ରତିଦିନ ଗପ କହୁଥିଲେ।", "ltr", 1],
  ["Dhivehi", "މާމަ ކޮންމެ ރެއަކު ވާހަކަ ދެއްކެވި.", "rtl", 1],
  ["N'Ko", "ߒ ߓߊ߬ߡߊ߬ ߞߊ߬ ߡߊ߬ߝߟߍ߫ ߟߊ߫", "rtl", 1],
  ["emoji", "❤️ 🏳️‍🌈 ❤️‍🔥 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇺🇦 1️⃣ 👩🏿‍🚀 👨‍👩‍👧‍👦", "ltr", 1],
  ["two directions", "My grandfather said שלום עליכם every morning (all 3 of them)!", "ltr", 2],
] as const;

describe("every script", () => {
  test.each(messages)(
    "%s is set in our fonts, its direction and its lines",
    (_script, text, direction, lineCount) => {
      const [page, ...more] = typeset(text, "card") ?? [];
      expect(more).toEqual([]);
      expect(page?.direction).toBe(direction);
      expect(page?.lines).toHaveLength(lineCount);
      for (const line of page?.lines ?? []) {
        expect(line.text).not.toContain("\u{FFFD}");
        expect(unbundledRuns(fonts, line.text)).toEqual([]);
      }
    },
  );
});

/** Lines whose letters and marks exceed the usual height. */
const tall = [
  ...messages.map(([script, text]) => [script, text] as const),
  ["stacked capitals", "ẤẪǬ́Ộ̃ ẶỆ ǭ̣́ g̣̈ỵ̈ Ấ̈̃ q̧̱̈ Ṩ̱ Ξ̃ Й̈̃"],
  ["Tibetan stacks", "རྐྱེན་བརྒྱུད་སྒྲུབ་རྒྱལ་རྫོགས་སྐྱིད"],
  ["Burmese stacks", "တက္ကသိုလ်ကြွက်သင်္ဘောဥက္ကဋ္ဌ"],
  ["Urdu slopes", "لیجیے مستحکم کیجیے گھنٹے تلخیص مشکِّل"],
  ["Khmer feet", "ស្ត្រីក្រ្តីញ្ញ្រ៊ើង"],
  ["pointed Hebrew", "שָּׁ֫לֹ֖ם לָּֽ֔ךְ"],
] as const;

describe("the extent of letters", () => {
  const [width, height] = [1920, 1400];
  const context = createCanvas(width, height).getContext("2d");

  /** Finds the first and last row of pixels that a line drawn alone covers. */
  function visibleRows(text: string, font: string, baseline: number): readonly [first: number, last: number] {
    context.reset();
    context.lang = "en";
    context.font = font;
    context.fillText(text, 300, baseline);
    const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
    const first = pixels.findIndex((pixel) => pixel !== 0);
    const last = pixels.findLastIndex((pixel) => pixel !== 0);
    return [Math.floor(first / width), Math.floor(last / width)];
  }

  test.each(tall)("of %s touches neither the page's edges nor another line", (_script, text) => {
    const [page] = typeset(`${text}\n${text}`, "card") ?? [];
    if (page === undefined) throw new Error("Nothing was set.");
    const font = fonts.fontFor(fonts.drawable(page.text), page.fontSizePx);
    const top = 300;
    let last = top - 1;
    for (const line of page.lines) {
      const rows = visibleRows(line.text, font, top + line.baselinePx);
      expect(rows[0]).toBeGreaterThan(last);
      last = rows[1];
    }
    expect(last).toBeLessThanOrEqual(top + page.heightPx);
  });
});
