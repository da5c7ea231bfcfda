/** What a text says once its escapes are resolved, and where each of its characters is in the text. */
export interface Unescaped {
  readonly text: string;
  /** Place of each character, and at the end the length of the text. */
  readonly places: Int32Array;
}

const letters: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
};

/** Sequences of JSON and of the languages that write like it, and of URLs. Others are what they are. */
const sequences = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(["'/\\nrtbf]))|%([2-7][0-9a-fA-F])/g;

/** Resolves escapes once: `user\u0040example.com`, `user%40example.com`. Undefined when there are none. Linear; never throws. */
export function unescapeText(text: string): Unescaped | undefined {
  if (!text.includes('\\') && !text.includes('%')) return undefined;
  const pieces: string[] = [];
  const places = new Int32Array(text.length + 1);
  let length = 0;
  let at = 0;
  const copy = (to: number): void => {
    pieces.push(text.slice(at, to));
    for (; at < to; at++) places[length++] = at;
  };
  for (const match of text.matchAll(sequences)) {
    const [whole, unicode, hex, simple, percent] = match;
    copy(match.index);
    const code = unicode ?? hex ?? percent;
    pieces.push(code === undefined ? letters[simple!]! : String.fromCharCode(Number.parseInt(code, 16)));
    places[length++] = match.index;
    at = match.index + whole.length;
  }
  if (at === 0) return undefined;
  copy(text.length);
  places[length] = text.length;
  return { text: pieces.join(''), places };
}

/** The first place that is not before `at`. `places` is in order, and its last one is before nothing. */
export function firstFrom(places: Int32Array, at: number): number {
  let low = 0;
  let high = places.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return places[low]!;
}

/** The last place that is not behind `at`. */
export function lastUpTo(places: Int32Array, at: number): number {
  const first = firstFrom(places, at);
  if (first === at) return at;
  let place = at;
  // A sequence has few characters.
  while (place > 0 && firstFrom(places, place) !== place) place--;
  return place;
}
