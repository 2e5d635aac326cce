/** `1 job`, `3 jobs`; for nouns whose plural is an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
