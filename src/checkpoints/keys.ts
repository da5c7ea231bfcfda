/** What a key of the store stands for. */
export type Key =
  | { readonly kind: 'schema' }
  | { readonly kind: 'forgotten'; readonly output: string }
  | { readonly kind: 'output'; readonly output: string }
  | { readonly kind: 'file'; readonly fileId: string }
  | { readonly kind: 'cursor'; readonly output: string; readonly fileId: string };

/** Its value says only that this store was set up; every record carries its own version. */
export const schemaKey = 'meta/schema';
export const fileKey = (fileId: string): string => `file/${fileId}`;
export const cursorKey = (output: string, fileId: string): string => `cursor/${output}/${fileId}`;
/** Totals of an output's forgotten files. */
export const forgottenKey = (output: string): string => `meta/forgotten/${output}`;

/** When an output was last in use. */
export const outputKey = (output: string): string => `meta/output/${output}`;

const fileIdForm = /^[0-9a-f]{24}$/;
/** As the contract demands of the names of outputs; no `/` in it, so a key has one reading only. */
const outputForm = /^[a-z][a-z0-9-]*$/;

export const isFileId = (text: string): boolean => fileIdForm.test(text);
export const isOutputName = (text: string): boolean => outputForm.test(text);

/** undefined: no key of ours. */
export function parseKey(key: string): Key | undefined {
  if (key === schemaKey) return { kind: 'schema' };
  const [kind, first = '', second = '', ...rest] = key.split('/');
  if (kind === 'file' && isFileId(first) && key === fileKey(first)) return { kind, fileId: first };
  if (rest.length > 0) return undefined;
  if (kind === 'cursor' && isOutputName(first) && isFileId(second)) return { kind, output: first, fileId: second };
  if (kind === 'meta' && (first === 'forgotten' || first === 'output') && isOutputName(second))
    return { kind: first, output: second };
  return undefined;
}
