import type { StorageConfig } from "../settings/config.js";
import type { FilmStore } from "../storage/film-store.js";
import { createFolderStore } from "../storage/folder-store.js";
import { createSupabaseStore } from "../storage/supabase-store.js";

export function createStore(storage: StorageConfig): FilmStore {
  return storage.kind === "folder" ? createFolderStore(storage) : createSupabaseStore(storage);
}
