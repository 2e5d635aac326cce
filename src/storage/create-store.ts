import type { StorageConfig } from "../settings/config.js";
import type { FilmStore } from "./film-store.js";
import { createFolderStore } from "./folder-store.js";
import { createSupabaseStore } from "./supabase-store.js";

export function createStore(storage: StorageConfig): FilmStore {
  return storage.kind === "folder" ? createFolderStore(storage) : createSupabaseStore(storage);
}
