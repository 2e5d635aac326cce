import type { MissingMedia } from "./scene.js";

/** The few words that a film adds itself. They are part of its theme, so that an app can use its own language. */
export interface Labels {
  /** Label over the name of the person the film is for. Where nobody is named, it is the title and the chapter. */
  readonly inLovingMemory: string;
  /** Label over the names of all contributors; also the title of their chapter. */
  readonly withLoveFrom: string;
  /** Text of the end card where nobody is named. */
  readonly withLove: string;
  /** Title of the chapter of a message without a contributor's name. */
  readonly aMessage: string;
  /** Text under the name where only one of the two years is known, which replaces `{year}`. */
  readonly bornIn: string;
  readonly diedIn: string;
  /**
   * Sentences about files that could not be included, one for each case, because languages join and inflect words
   * differently.
   */
  readonly missing: Readonly<Record<MissingKey, string>>;
}

export const missingKeys = [
  "photo",
  "voice",
  "video",
  "photo+voice",
  "photo+video",
  "voice+video",
  "photo+voice+video",
] as const;

type MissingKey = (typeof missingKeys)[number];

/** Returns a sentence that names the missing media and blames nobody; null when nothing is missing. */
export function missingSentence(labels: Labels, missing: readonly MissingMedia[]): string | null {
  const kinds = (["photo", "voice", "video"] as const).filter((kind) => missing.includes(kind)).join("+");
  const key = missingKeys.find((known) => known === kinds);
  return key === undefined ? null : labels.missing[key];
}

export const languages = ["en", "de", "fr", "es", "it", "pt", "nl"] as const;

type Language = (typeof languages)[number];

/** Labels of each language. No word depends on whether the person was a woman or a man, which is not known. */
export const labelsByLanguage: Readonly<Record<Language, Labels>> = {
  en: {
    inLovingMemory: "In loving memory",
    withLoveFrom: "With love from",
    withLove: "With love",
    aMessage: "A message",
    bornIn: "Born {year}",
    diedIn: "Died {year}",
    missing: {
      photo: "A photograph shared here could not be included.",
      voice: "A voice recording shared here could not be included.",
      video: "A video shared here could not be included.",
      "photo+voice": "A photograph and a voice recording shared here could not be included.",
      "photo+video": "A photograph and a video shared here could not be included.",
      "voice+video": "A voice recording and a video shared here could not be included.",
      "photo+voice+video": "A photograph, a voice recording and a video shared here could not be included.",
    },
  },
  de: {
    inLovingMemory: "In liebevoller Erinnerung",
    withLoveFrom: "In Liebe",
    withLove: "In Liebe",
    aMessage: "Eine Nachricht",
    bornIn: "Geboren {year}",
    diedIn: "Gestorben {year}",
    missing: {
      photo: "Ein Foto, das hier geteilt wurde, konnte nicht eingefügt werden.",
      voice: "Eine Sprachnachricht, die hier geteilt wurde, konnte nicht eingefügt werden.",
      video: "Ein Video, das hier geteilt wurde, konnte nicht eingefügt werden.",
      "photo+voice":
        "Ein Foto und eine Sprachnachricht, die hier geteilt wurden, konnten nicht eingefügt werden.",
      "photo+video": "Ein Foto und ein Video, die hier geteilt wurden, konnten nicht eingefügt werden.",
      "voice+video":
        "Eine Sprachnachricht und ein Video, die hier geteilt wurden, konnten nicht eingefügt werden.",
      "photo+voice+video":
        "Ein Foto, eine Sprachnachricht und ein Video, die hier geteilt wurden, konnten nicht eingefügt werden.",
    },
  },
  fr: {
    inLovingMemory: "En tendre souvenir",
    withLoveFrom: "Avec toute l’affection de",
    withLove: "Avec amour",
    aMessage: "Un message",
    bornIn: "A vu le jour en {year}",
    diedIn: "Nous a quittés en {year}",
    missing: {
      photo: "Une photo partagée ici n’a pas pu être incluse.",
      voice: "Un message vocal partagé ici n’a pas pu être inclus.",
      video: "Une vidéo partagée ici n’a pas pu être incluse.",
      "photo+voice": "Une photo et un message vocal partagés ici n’ont pas pu être inclus.",
      "photo+video": "Une photo et une vidéo partagées ici n’ont pas pu être incluses.",
      "voice+video": "Un message vocal et une vidéo partagés ici n’ont pas pu être inclus.",
      "photo+voice+video": "Une photo, un message vocal et une vidéo partagés ici n’ont pas pu être inclus.",
    },
  },
  es: {
    inLovingMemory: "Siempre en nuestro recuerdo",
    withLoveFrom: "Con el cariño de",
    withLove: "Con cariño",
    aMessage: "Un mensaje",
    bornIn: "Nació en {year}",
    diedIn: "Falleció en {year}",
    missing: {
      photo: "No se pudo incluir una foto compartida aquí.",
      voice: "No se pudo incluir un mensaje de voz compartido aquí.",
      video: "No se pudo incluir un vídeo compartido aquí.",
      "photo+voice": "No se pudieron incluir una foto y un mensaje de voz compartidos aquí.",
      "photo+video": "No se pudieron incluir una foto y un vídeo compartidos aquí.",
      "voice+video": "No se pudieron incluir un mensaje de voz y un vídeo compartidos aquí.",
      "photo+voice+video": "No se pudieron incluir una foto, un mensaje de voz y un vídeo compartidos aquí.",
    },
  },
  it: {
    inLovingMemory: "In affettuoso ricordo",
    withLoveFrom: "Con l’affetto di",
    withLove: "Con affetto",
    aMessage: "Un messaggio",
    bornIn: "Nacque nel {year}",
    diedIn: "Si spense nel {year}",
    missing: {
      photo: "Non è stato possibile includere una foto condivisa qui.",
      voice: "Non è stato possibile includere un messaggio vocale condiviso qui.",
      video: "Non è stato possibile includere un video condiviso qui.",
      "photo+voice": "Non è stato possibile includere una foto e un messaggio vocale condivisi qui.",
      "photo+video": "Non è stato possibile includere una foto e un video condivisi qui.",
      "voice+video": "Non è stato possibile includere un messaggio vocale e un video condivisi qui.",
      "photo+voice+video":
        "Non è stato possibile includere una foto, un messaggio vocale e un video condivisi qui.",
    },
  },
  pt: {
    inLovingMemory: "Com eterna saudade",
    withLoveFrom: "Com o carinho de",
    withLove: "Com carinho",
    aMessage: "Uma mensagem",
    bornIn: "Nasceu em {year}",
    diedIn: "Faleceu em {year}",
    missing: {
      photo: "Não foi possível incluir uma foto desta mensagem.",
      voice: "Não foi possível incluir um áudio desta mensagem.",
      video: "Não foi possível incluir um vídeo desta mensagem.",
      "photo+voice": "Não foi possível incluir uma foto e um áudio desta mensagem.",
      "photo+video": "Não foi possível incluir uma foto e um vídeo desta mensagem.",
      "voice+video": "Não foi possível incluir um áudio e um vídeo desta mensagem.",
      "photo+voice+video": "Não foi possível incluir uma foto, um áudio e um vídeo desta mensagem.",
    },
  },
  nl: {
    inLovingMemory: "In liefdevolle herinnering",
    withLoveFrom: "Met liefs van",
    withLove: "Met liefde",
    aMessage: "Een bericht",
    bornIn: "Geboren in {year}",
    diedIn: "Overleden in {year}",
    missing: {
      photo: "Een foto die hier werd gedeeld, kon niet worden toegevoegd.",
      voice: "Een spraakbericht dat hier werd gedeeld, kon niet worden toegevoegd.",
      video: "Een video die hier werd gedeeld, kon niet worden toegevoegd.",
      "photo+voice": "Een foto en een spraakbericht die hier werden gedeeld, konden niet worden toegevoegd.",
      "photo+video": "Een foto en een video die hier werden gedeeld, konden niet worden toegevoegd.",
      "voice+video": "Een spraakbericht en een video die hier werden gedeeld, konden niet worden toegevoegd.",
      "photo+voice+video":
        "Een foto, een spraakbericht en een video die hier werden gedeeld, konden niet worden toegevoegd.",
    },
  },
};
