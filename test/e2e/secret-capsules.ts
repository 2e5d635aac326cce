import { randomBytes } from "node:crypto";

import sharp from "sharp";

import type { Evidence } from "./marks.js";
import type { SecretsEnvironment } from "./secrets-environment.js";

/** Two photos that no encoder makes small, so that the film is uploaded in parts, and a file that is no photo. */
export async function addMedia({ storage }: SecretsEnvironment): Promise<void> {
  const raw = { width: 640, height: 360, channels: 3 } as const;
  for (const name of ["the lake.jpg", "shore.jpg"]) {
    const noise = sharp(randomBytes(raw.width * raw.height * raw.channels), { raw });
    put(name, await noise.jpeg({ quality: 90 }).toBuffer());
  }
  put("broken.jpg", Buffer.from("ffd8ffe000104a464946", "hex"));

  function put(name: string, bytes: Buffer): void {
    const stored = { bytes, contentType: "image/jpeg", cacheControl: "no-cache", metadata: null };
    storage.objects.set(`media/${name}`, stored);
  }
}

/** Addresses as apps write them, each with a secret in it: of two that can be shown, and of seven that cannot. */
export function referencesOf({ url, signed }: SecretsEnvironment): readonly string[] {
  return [
    `${url}/storage/v1/object/sign/media/the%20lake.jpg?token=${signed}`,
    `media/shore.jpg`,
    `${url}/storage/v1/object/sign/media/broken.jpg?token=${signed}`,
    `${url}/storage/v1/object/sign/media/gone.jpg?token=${signed}`,
    `${url}/functions/v1/photo?token=${signed}`,
    `https://media.example.org/lake.jpg?token=${signed}#${signed}`,
    `https://daniel:${signed}@media.example.org/lake.jpg`,
    `ftp://media.example.org/${signed}`,
    signed,
  ];
}

/** A message for each address, in a capsule that is closed. */
export async function closeCapsule(
  { sql }: SecretsEnvironment,
  capsuleId: string,
  references: readonly string[],
): Promise<void> {
  await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
  for (const [index, reference] of references.entries()) {
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_image_url, submitted_at)
      values (${capsuleId}::uuid, 'Daniel', ${reference},
        ${new Date(Date.UTC(2026, 4, 1, index)).toISOString()}::timestamptz)`;
  }
}

/** Returns what was sent to the project: objects, and requests without the headers for the key. */
export function storedBy({ storage }: SecretsEnvironment): readonly Evidence[] {
  const objects = [...storage.objects].flatMap(([name, { bytes, ...about }]) => [
    { where: `the object ${name}`, bytes },
    { where: `what is kept of the object ${name}`, bytes: name + JSON.stringify(about) },
  ]);
  const requests = storage.requests.map(
    ({ method, path: asked, headers: { apikey, authorization, ...others } }) => ({
      where: `the request ${method} ${asked}`,
      // The address of a row is asked for as it is, where it is the project's own and no object.
      bytes: JSON.stringify([asked.startsWith("/functions/") ? [apikey, authorization] : asked, others]),
    }),
  );
  return [...objects, ...requests];
}
