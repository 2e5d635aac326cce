/**
 * Escapes a value for a description of filters. FFmpeg parses it twice, once as an option and once as part of the graph
 * (FFmpeg filters documentation, "Notes on filtergraph escaping"), so it is escaped twice.
 */
export function filterValue(value: string): string {
  return value.replaceAll(/[\\':]/gu, String.raw`\$&`).replaceAll(/[\\'[\],;]/gu, String.raw`\$&`);
}
