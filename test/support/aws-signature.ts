import { createHash, createHmac } from 'node:crypto';
import type { Received } from './scripted-http.js';

export interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/**
 * Whether a request is signed with `key`, over the bytes of its body as they came. Source: AWS, "Create a signed AWS API request" (Signature
 * Version 4). For requests without a query, which is all that the JSON APIs make.
 */
export function isSignedWith(key: AwsKey, { method, url, headers, body }: Received): boolean {
  const [, id, date, region, service, signed, signature] = pattern.exec(headers.authorization ?? '') ?? [];
  if (id !== key.accessKeyId || date === undefined || region === undefined || service === undefined) return false;
  const names = signed?.split(';') ?? [];
  if (!names.includes('host') || !names.includes('x-amz-date')) return false;
  const lines = names.map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`).join('');
  const canonical = [method, url, '', lines, names.join(';'), sha256(body)].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const secret = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${key.secretAccessKey}`);
  return hmac(secret, toSign).toString('hex') === signature;
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
