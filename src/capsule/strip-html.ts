import { readEntity } from "./html-entities.js";

const inline =
  "a abbr b bdi bdo big cite code del em font i ins kbd label mark q s small span strike strong sub sup time tt u var";
const lines = "address article center dd div dl dt figcaption figure footer header li main pre section";
const paragraphs = "blockquote h1 h2 h3 h4 h5 h6 ol p ul";
/** Elements that rich-text editors write, with the break before and after their content. */
const breaks: ReadonlyMap<string, string> = new Map([
  ...inline.split(" ").map((name) => [name, ""] as const),
  ...lines.split(" ").map((name) => [name, "\n"] as const),
  ...paragraphs.split(" ").map((name) => [name, "\n\n"] as const),
]);
const empty: ReadonlySet<string> = new Set(["br", "hr", "img", "wbr"]);

/** Patterns of the parts of a text. Each is matched where the previous part ended. */
const plainPart = /[^<&]+/y;
const entity = /&([a-z]{1,10}\d{0,2}|#\d{1,7}|#x[\da-f]{1,6});/iy;
const comment = /<!--[^<>]*-->/y;
const tagStart = /<(\/?)([a-z][a-z\d]{0,12})(?=[\s/>])/iy;
const attribute = /\s+([a-z_@:][\w:.@-]*)(?:\s*=\s*("[^"<]*"|'[^'<]*'|[^\s"'<>=`]+))?/iy;
const emptyParagraph = /<p(?:\s[^<>]*)?>(?:\s|&nbsp;|<br\s*\/?>)*<\/p>/i;
const tagEnd = /\s*(\/?)>/y;

interface Tag {
  readonly name: string;
  readonly isClosing: boolean;
  readonly alt: string;
}

/**
 * Extracts the text of a rich-text editor's HTML, with line breaks, and with a mark before each list item.
 *
 * @returns null when the text as a whole is not HTML: it has no tag or character reference, has a tag that is not closed or
 *   that no editor writes, or has a bare `<` or `&`. A person then wrote the text in this form.
 */
export function stripHtml(text: string): string | null {
  if (!/<[a-z]|&(?:#|[a-z])/i.test(text)) return null;
  // With blocks or line breaks in the markup, line ends of the source are blanks; otherwise a person wrote them.
  const isLaidOut = /<(?:br|p|div|li|ul|ol|h[1-6]|blockquote)\b/i.test(text);
  // An editor that writes an empty paragraph for a blank line writes a paragraph for each line.
  const isLineEach = emptyParagraph.test(text);
  const words = createWords(isLaidOut);
  let openItems = 0;
  const open: { readonly name: string; readonly start: string; itemCount: number }[] = [];
  for (let at = 0; at < text.length;) {
    const read = <Found>(pattern: RegExp, convert: (found: RegExpExecArray) => Found): Found | null => {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (found === null) return null;
      at = pattern.lastIndex;
      return convert(found);
    };
    const plain = read(plainPart, ([part]) => part);
    if (plain !== null) {
      words.addText(plain);
      continue;
    }
    if (read(comment, () => true) !== null) continue;
    const character = read(entity, ([, name = ""]) => readEntity(name) ?? "");
    if (character !== null) {
      if (character === "") return null;
      words.addCharacter(character);
      continue;
    }
    const tag = readTag(read);
    if (tag === null || !addTag(tag)) return null;
  }
  return open.length === 0 ? words.end() : null;

  function addTag({ name, isClosing, alt }: Tag): boolean {
    if (empty.has(name)) {
      if (isClosing) return false;
      if (name === "br") words.addBreak();
      if (name === "hr") words.startBlock("\n\n");
      if (name === "img" && alt !== "") words.addText(alt);
      return true;
    }
    const around = name === "p" && isLineEach ? "\n" : breaks.get(name);
    if (around === undefined) return false;
    if (isClosing) {
      const opened = open.pop();
      if (opened?.name !== name) return false;
      if (name === "li") openItems -= 1;
      if (name === "p" && isLineEach && words.place() === opened.start) words.addBreak();
      if (around !== "") words.startBlock(openItems > 0 && around === "\n\n" ? "\n" : around);
      return true;
    }
    if (around !== "") words.startBlock(openItems > 0 && name !== "li" && around === "\n\n" ? "\n" : around);
    if (name === "li") {
      words.addMark(nextMark());
      openItems += 1;
    }
    open.push({ name, itemCount: 0, start: words.place() });
    return true;
  }

  function nextMark(): string {
    const list = open.findLast(({ name }) => name === "ol" || name === "ul");
    if (list === undefined) return "";
    list.itemCount += 1;
    return list.name === "ol" ? `${list.itemCount}. ` : "• ";
  }
}

type Read = <Found>(pattern: RegExp, convert: (found: RegExpExecArray) => Found) => Found | null;

function readTag(read: Read): Tag | null {
  const start = read(tagStart, ([, slash, name = ""]) => ({
    name: name.toLowerCase(),
    isClosing: slash === "/",
  }));
  if (start === null) return null;
  let alt = "";
  for (;;) {
    const found = read(attribute, ([, name = "", value = ""]) => ({ name, value }));
    if (found === null) break;
    if (found.name.toLowerCase() === "alt") alt = found.value.replace(/^(["'])(.*)\1$/s, "$2");
  }
  return read(tagEnd, () => ({ ...start, alt }));
}

/** Assembles the text: blanks as in a browser, and line breaks only between words. */
function createWords(isLaidOut: boolean) {
  const ended: string[] = [];
  let line = "";
  /** Number of line ends before the next word. */
  let breakCount = 0;
  /** Mark of a list item that has no words yet. */
  let mark = "";
  const begin = (): void => {
    if (breakCount > 0 && (line !== "" || ended.length > 0)) {
      ended.push(line.trimEnd(), ...Array.from({ length: Math.min(breakCount, 2) - 1 }, () => ""));
      line = "";
    }
    line += mark;
    breakCount = 0;
    mark = "";
  };
  return {
    addText(part: string): void {
      const shown = isLaidOut ? part.replaceAll(/[ \t\r\n\f]+/g, " ") : part;
      const isAtStart = breakCount > 0 || line === "" || line.endsWith(" ");
      const rest = isLaidOut && isAtStart ? shown.trimStart() : shown;
      if (rest === "") return;
      begin();
      line += rest;
    },
    addCharacter(character: string): void {
      begin();
      line += character === "\u{A0}" ? " " : character;
    },
    addBreak(): void {
      breakCount += 1;
    },
    startBlock(around: string): void {
      breakCount = Math.max(breakCount, around.length);
    },
    addMark(itemMark: string): void {
      mark = itemMark;
    },
    /** Returns a text that identifies the current position: it changes with every word and every break. */
    place: (): string => `${ended.length} ${line.length} ${breakCount}`,
    end: (): string =>
      [...ended, line]
        .join("\n")
        .replaceAll(/\n{3,}/g, "\n\n")
        .trim(),
  };
}
