const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** A stretch of a text that stays on one card if it can, and how the next one is joined to it. */
export interface Section {
  readonly text: string;
  /** What stood between this and the section before: nothing, a space, a line end, a blank line. */
  readonly joint: "" | " " | "\n" | "\n\n";
}

/** A tidy text as its sentences. Joined by their joints, they are the text again. */
export function splitSentences(text: string): Section[] {
  const sections: Section[] = [];
  let joint: Section["joint"] = "";
  for (const paragraph of text.split("\n")) {
    if (paragraph === "") {
      joint = "\n\n";
      continue;
    }
    for (const { segment } of sentences.segment(paragraph)) {
      const sentence = segment.trimEnd();
      if (sentence !== "") sections.push({ text: sentence, joint });
      joint = segment.endsWith(" ") ? " " : "";
    }
    joint = "\n";
  }
  return sections;
}

export function joinSections(sections: readonly Section[]): string {
  return sections.map(({ text, joint }, index) => (index === 0 ? text : joint + text)).join("");
}
