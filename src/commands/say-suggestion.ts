/** @param line what the survey of the messages' files suggests to set */
export function saySuggestion(line: string): string {
  return `To let messages name the files that the newest ones name, set ${line} (leave out what is not contributors').`;
}
