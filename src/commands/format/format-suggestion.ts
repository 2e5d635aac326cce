/** @param line the setting with its value that the survey of the newest messages suggests */
export function formatSuggestion(line: string): string {
  return `To allow the files that the newest messages name, set ${line} (without any bucket that is not for contributors).`;
}
