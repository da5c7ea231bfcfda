import {
  alphanumeric,
  base64,
  base64url,
  dash,
  digit,
  dot,
  isAt,
  runEnd,
  underscore,
  upper,
  word,
} from './characters.js';
import type { Find, Found } from './finding.js';

/** Tokens that begin as no word does. */
interface Prefixed {
  readonly prefix: string;
  /** Classes of the characters behind it. */
  readonly of: number;
  readonly least: number;
  readonly most?: number;
}

const finderOf =
  (tokens: readonly Prefixed[]): Find =>
  (text, found) => {
    for (const token of tokens) findPrefixed(text, token, found);
  };

function findPrefixed(text: string, { prefix, of, least, most = Infinity }: Prefixed, found: Found): void {
  for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + prefix.length)) {
    if (isAt(text, at - 1, word)) continue;
    const from = at + prefix.length;
    const to = runEnd(text, from, of);
    if (to - from >= least && to - from <= most && !isAt(text, to, alphanumeric)) found(at, to);
    at = Math.max(at, to - prefix.length);
  }
}

/** Personal, OAuth, user, server and refresh tokens, and fine-grained ones (GitHub, "Authentication token formats"). */
export const findGithub = finderOf([
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => ({ prefix, of: alphanumeric, least: 36, most: 255 })),
  { prefix: 'github_pat_', of: alphanumeric | underscore, least: 22, most: 255 },
]);

/** Tokens of bots, users, apps and their refreshing, and the addresses of incoming hooks (Slack, "Token types"). */
export const findSlack = finderOf([
  ...Array.from('abcdeoprs').map((type) => ({ prefix: `xox${type}-`, of: alphanumeric | dash, least: 10 })),
  { prefix: 'xoxe.xoxp-', of: alphanumeric | dash, least: 10 },
  { prefix: 'xoxe.xoxb-', of: alphanumeric | dash, least: 10 },
  { prefix: 'xapp-', of: alphanumeric | dash, least: 10 },
  ...['services', 'workflows', 'triggers'].map((kind) => ({
    prefix: `hooks.slack.com/${kind}/`,
    of: base64,
    least: 20,
  })),
]);

/** API keys, OAuth access tokens, client secrets (Google Cloud). Keys of service accounts are private key blocks. */
export const findGcp = finderOf([
  { prefix: 'AIza', of: base64url, least: 35, most: 35 },
  { prefix: 'ya29.', of: base64url | dot, least: 20 },
  { prefix: 'GOCSPX-', of: base64url, least: 20, most: 40 },
]);

/** The word that a secret access key or a session token stands behind; alone neither can be told from a hash. */
const secretWords = /(?:secret_?-?access_?-?key|aws_?-?secret_?-?key|aws_?-?session_?-?token|x-amz-security-token)/gi;
/** Between name and value: quotes, escaped or not, and a sign. */
const between = /[\s"'\\=:>]{1,12}/y;
const secretLength = 40;
const shortestSession = 100;

const findAccessKeys = finderOf(
  ['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((prefix) => ({ prefix, of: upper | digit, least: 16, most: 16 })),
);

/** Access key ids, and the secret keys and session tokens that are named (AWS, "IAM identifiers"). */
export const findAws: Find = (text, found, context) => {
  findAccessKeys(text, found, context);
  if (/secret(?:access)?key|sessiontoken|securitytoken/.test(context)) findSecret(text, 0, found);
  for (const { index, 0: name } of text.matchAll(secretWords)) {
    between.lastIndex = index + name.length;
    if (between.test(text)) findSecret(text, between.lastIndex, found);
  }
};

function findSecret(text: string, from: number, found: Found): void {
  const to = runEnd(text, from, base64);
  const end = text[to] === '=' ? to + 1 + Number(text[to + 1] === '=') : to;
  const size = to - from;
  if ((size === secretLength && !isAt(text, to, word)) || size >= shortestSession) found(from, end);
}

/** Least characters of a header that says anything. */
const shortestHeader = 12;

/** JSON Web Tokens (RFC 7519), signed, encrypted or neither: a header that is JSON and names an algorithm, and two parts or more behind it. */
export const findJwt: Find = (text, found) => {
  for (let at = text.indexOf('eyJ'); at >= 0; at = text.indexOf('eyJ', at + 3)) {
    if (isAt(text, at - 1, base64url | dot)) continue;
    const headerEnd = runEnd(text, at, base64url);
    let to = headerEnd;
    let parts = 1;
    while (text[to] === '.' && parts < 5) {
      const end = runEnd(text, to + 1, base64url);
      if (end === to + 1 && parts === 1 && text[end] !== '.') break;
      parts++;
      to = end;
    }
    if (parts >= 3 && headerEnd - at >= shortestHeader && isHeader(text.slice(at, headerEnd))) found(at, to);
    at = Math.max(at, to - 3);
  }
};

/** No header is longer, certificates in it included. */
const longestHeader = 16_384;

function isHeader(part: string): boolean {
  if (part.length > longestHeader) return false;
  try {
    const header: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof header === 'object' && header !== null && ('alg' in header || 'enc' in header || 'typ' in header);
  } catch {
    return false;
  }
}
