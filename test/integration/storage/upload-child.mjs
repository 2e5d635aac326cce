// Puts a file into Storage in a process of its own, and is killed when so many bytes have gone: nothing is tidied up.
import { createSupabaseStore } from "../../../dist/storage/supabase-store.js";

const { store, upload, killedAfterBytes } = JSON.parse(process.argv[2]);
await createSupabaseStore(store).put({
  ...upload,
  signal: new AbortController().signal,
  onBytes: (bytes) => {
    if (killedAfterBytes !== null && bytes >= killedAfterBytes) process.kill(process.pid, "SIGKILL");
  },
  fence: async () => undefined,
});
