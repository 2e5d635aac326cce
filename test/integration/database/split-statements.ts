/**
 * Splits SQL at the semicolons that end its statements, as tools do that send them one by one: what is in strings, names,
 * comments and dollar quotes is passed over.
 */
export function splitStatements(text: string): string[] {
  const passedOver = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[^]*?\*\/|(\$(?:[A-Za-z_]\w*)?\$)[^]*?\1|;/g;
  const statements: string[] = [];
  let start = 0;
  for (const match of text.matchAll(passedOver)) {
    if (match[0] !== ";") continue;
    statements.push(text.slice(start, match.index + 1).trim());
    start = match.index + 1;
  }
  const rest = text.slice(start).trim();
  if (rest !== "") statements.push(rest);
  return statements;
}
