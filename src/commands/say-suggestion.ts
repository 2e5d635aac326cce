/** @param line what the survey of the messages' files suggests to set */
export function saySuggestion(line: string): string {
  return `The files that the newest messages name are let in by ${line} (leave out what is not contributors').`;
}
