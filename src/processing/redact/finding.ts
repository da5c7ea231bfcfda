/** Takes the place of a secret in the text: [from, to). `value` is what makes equal secrets equal, when they can be written in several ways. */
export type Found = (from: number, to: number, value?: string) => void;

/**
 * Finds the secrets of one kind. In time linear in the text; never throws. `context` is the name, in lower case and without `_` and `-`, of the
 * field that the text is the whole value of, '' when there is none: it is what shows some secrets.
 */
export type Find = (text: string, found: Found, context: string) => void;
