import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

export interface Certificates {
  /** The certificate of the authority. Supabase offers its own for download. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 86_400_000;

/** An authority made for this call alone, and a server's certificate for these names, valid from yesterday to tomorrow. */
export async function makeCertificates(
  names: readonly { readonly type: "dns" | "ip"; readonly value: string }[],
): Promise<Certificates> {
  const notBefore = new Date(Date.now() - day);
  const notAfter = new Date(Date.now() + day);
  const authorityKeys = await makeKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Authority of a test",
    serialNumber: "01",
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys: authorityKeys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=A server of a test",
    issuer: authority.subject,
    serialNumber: "02",
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [new x509.SubjectAlternativeNameExtension([...names])],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    authority: authority.toString("pem"),
    certificate: certificate.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
