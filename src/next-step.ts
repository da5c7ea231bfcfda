import type { ErrorCode } from './types/errors.js';

/** What to do about a failing output; the lines wait in their files meanwhile. */
export function actionFor(code: ErrorCode): string {
  switch (code) {
    case 'OUTPUT_AUTH':
      return 'check the credentials of this output and their rights; a changed secret file is read again';
    case 'OUTPUT_NOT_FOUND':
      return 'check the URL, index, pipeline, group or stream of this output';
    case 'OUTPUT_TLS':
      return 'check the CA, certificate and host name';
    case 'OUTPUT_UNREACHABLE':
    case 'OUTPUT_TIMEOUT':
      return 'check that the destination runs and that the network lets the pod reach it';
    case 'OUTPUT_REDIRECT':
      return 'set the URL to the address that the redirect names';
    case 'DEAD_LETTERS_BLOCKED':
      return 'make room: move the dead-letter file away, or raise PANNIER_DEAD_LETTER_MAX_BYTES';
    case 'OUTPUT_UNWRITABLE':
      return 'make the file of this output writable, with free space';
    default:
      return 'nothing: it is retried, and the lines wait in their files';
  }
}
