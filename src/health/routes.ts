import type { AgentStatus, ProbeStatus } from '../types/stats.js';
import { whyNotControl, whyNotLocal } from './access.js';
import type { Caller } from './access.js';
import { healthOf, healthReport } from './health-report.js';
import type { Metrics } from './metrics.js';
import { pagePolicy, statusPage } from './status-page.js';

/** What the endpoints are made of. */
export interface Endpoints {
  readonly probes: () => ProbeStatus;
  readonly status: () => AgentStatus;
  /** Loads on its first call. */
  readonly metrics: () => Promise<Metrics>;
  /** Show paths and error texts to everybody. */
  readonly statusPublic: boolean;
  /** `off`: there is no `/quit` and no `/reload`. */
  readonly control: 'on' | 'off';
  readonly onQuit: () => void;
  readonly onReload: () => void;
  /** Wall clock, ms since the epoch. */
  readonly now: () => number;
}

export interface Request extends Caller {
  readonly method: string;
  /** The request target as it came. */
  readonly url: string;
}

export interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** To be done once the answer is on its way. */
  readonly after?: () => void;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly answer: (request: Request, query: URLSearchParams) => Answer | Promise<Answer>;
}

/** Answers one request. Throws only what the status or the metrics throw. */
export function router(endpoints: Endpoints): (request: Request) => Promise<Answer> {
  const routes = new Map<string, Route>(Object.entries(routesOf(endpoints)));
  return async (request) => {
    const [path = '', ...query] = request.url.split('?');
    const route = routes.get(path);
    if (route === undefined)
      return text(404, `there is no ${visible(path)}; there are ${[...routes.keys()].join(' ')}`);
    const allowed = route.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
    if (allowed.includes(request.method)) return await route.answer(request, new URLSearchParams(query.join('?')));
    return text(405, `${path} takes ${allowed.join(', ')}`, { headers: { Allow: allowed.join(', ') } });
  };
}

function routesOf(endpoints: Endpoints): Record<string, Route> {
  const { probes, status, metrics, statusPublic, control, onQuit, onReload, now } = endpoints;
  const sees = (caller: Caller): boolean => statusPublic || whyNotLocal(caller) === undefined;
  const ready = (): Answer => (probes().ready ? text(200, 'ok') : text(503, 'the first scan has not ended yet'));
  const command = (action: () => void): Route => ({
    method: 'POST',
    answer: (request) => {
      const refusal = whyNotControl(request);
      return refusal === undefined ? text(202, 'accepted', { after: action }) : text(403, refusal);
    },
  });
  return {
    '/': {
      method: 'GET',
      answer: (request) => ({
        code: 200,
        type: 'text/html; charset=utf-8',
        body: statusPage(status(), sees(request), now()),
        headers: { 'Content-Security-Policy': pagePolicy },
      }),
    },
    '/livez': {
      method: 'GET',
      answer: () => (probes().live ? text(200, 'ok') : text(503, 'no step for 60 s though there was work')),
    },
    '/readyz': { method: 'GET', answer: ready },
    '/startupz': { method: 'GET', answer: ready },
    '/health': {
      method: 'GET',
      answer: (request, query) => {
        const current = status();
        const health = healthOf(current);
        const bad = health === 'failing' || (health === 'degraded' && query.get('strict') === '1');
        const body = `${JSON.stringify(healthReport(current, sees(request)))}\n`;
        return { code: bad ? 503 : 200, type: 'application/json', body };
      },
    },
    '/metrics': {
      method: 'GET',
      answer: async () => {
        const loaded = await metrics();
        return { code: 200, type: loaded.contentType, body: await loaded.scrape(status()) };
      },
    },
    ...(control === 'off' ? {} : { '/quit': command(onQuit), '/reload': command(onReload) }),
  };
}

function text(code: number, line: string, more: Pick<Answer, 'headers' | 'after'> = {}): Answer {
  return { code, type: 'text/plain; charset=utf-8', body: `${line}\n`, ...more };
}

/** A path for an answer's text: short, and nothing in it but what shows. */
const visible = (path: string): string => path.slice(0, 100).replaceAll(/[^\x21-\x7e]/g, '?');
