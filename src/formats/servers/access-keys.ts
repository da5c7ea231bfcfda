/**
 * Names of the members that an access log line gives, in the order in which they are written. The byte path is told them, and how they lie in a
 * line is its own: `src/kernel/assembly/access.ts`.
 */
export const accessKeys = {
  client: 'source.address',
  user: 'user.name',
  method: 'http.request.method',
  target: 'url.original',
  version: 'http.version',
  status: 'http.response.status_code',
  bytes: 'http.response.body.bytes',
  referrer: 'http.request.referrer',
  agent: 'user_agent.original',
  extra: 'access.extra',
} as const;
