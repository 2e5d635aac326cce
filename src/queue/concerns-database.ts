/** Whether a code of an error is said of the database as a whole, of our schema, PGMQ's or the app's tables. */
export function concernsDatabase(code: string): boolean {
  return /^(database|migration|schema|queue|rights|pgmq|table|column|rows|capsule-table)-/.test(code);
}
