import type { FilmStore } from "./film-store.js";
import { createFolderStore, type FolderStoreOptions } from "./folder-store.js";
import { createSupabaseStore, type SupabaseStoreOptions } from "./supabase-store.js";

export type StoreOptions =
  | ({ readonly kind: "folder" } & FolderStoreOptions)
  | ({ readonly kind: "supabase" } & SupabaseStoreOptions);

export function createStore(options: StoreOptions): FilmStore {
  return options.kind === "folder" ? createFolderStore(options) : createSupabaseStore(options);
}
