import type { PreparedAssets } from "../assets/asset.js";
import type { Message } from "../capsule/content.js";
import type { FilmSettings } from "./film-settings.js";
import type { MessageWords } from "./message-scenes.js";
import { typesetTexts, type TypesetRequest } from "./typography/typeset-texts.js";

/**
 * Sets every message's words on cards, and beside its photo where there is one.
 * @returns by message id; messages without words have no entry
 */
export async function typesetMessages(
  messages: readonly Message[],
  assets: PreparedAssets,
  settings: FilmSettings,
  options: { readonly folder: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, MessageWords>> {
  const requests = messages.flatMap((message): (TypesetRequest & { id: string })[] => {
    if (message.text === null) return [];
    const onCards = { id: message.id, text: message.text, box: "card" } as const;
    const hasPhoto = (assets.get(message.id)?.photo ?? null) !== null;
    return hasPhoto ? [onCards, { ...onCards, box: "beside-photo" }] : [onCards];
  });
  if (requests.length === 0) return new Map();
  const pages = await typesetTexts(
    requests.map(({ text, box }) => ({ text, box })),
    settings,
    options,
  );
  const words = new Map<string, MessageWords>();
  for (const [index, { id, box }] of requests.entries()) {
    const set = pages[index] ?? [];
    const sofar = words.get(id) ?? { besidePhoto: null, cards: [] };
    words.set(id, box === "card" ? { ...sofar, cards: set } : { ...sofar, besidePhoto: set[0] ?? null });
  }
  return words;
}
