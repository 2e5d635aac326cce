/**
 * The name under which Supabase's client library (storage-js 2.x) stores and reads an object that is called `path`: it
 * puts the name into a URL without encoding it, so what follows a `?` or `#` is cut, and percent-encoded characters are
 * decoded by the server.
 *
 * @returns null where no object can be stored by that name; the caller checks what the name's segments are
 */
export function nameAsSent(path: string): string | null {
  const cut = path.replace(/[?#].*$/su, "");
  try {
    return cut === "" ? null : decodeURIComponent(cut);
  } catch {
    return null;
  }
}
