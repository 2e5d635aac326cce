const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** A section of a text that stays on one card if possible, and how it is joined to the one before. */
export interface Section {
  readonly text: string;
  /** The separator between this and the section before: nothing, a space, a line end, a blank line. */
  readonly joint: "" | " " | "\n" | "\n\n";
}

/** Splits a tidy text into its sentences. Joined by their joints, they make the same text. */
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
