import type { Agent } from '../agent.js';
import { startControl, type Control } from '../control/control.js';
import { letterRoutes } from './dead-letters/routes.js';
import { healthReport } from '../health/health-report.js';
import { LivePositions } from '../live-positions.js';
import type { ControlRoutes } from '../types/control.js';
import type { Log } from '../types/log.js';
import type { AgentStatus } from '../types/stats.js';
import type { Checkpoints } from '../types/stored.js';
import { findRoute } from './checkpoints/find-route.js';
import { positionRoutes } from './checkpoints/position-routes.js';

export interface Controlled {
  readonly agent: Agent;
  readonly checkpoints: Checkpoints;
  readonly stateDir: string;
  readonly status: () => AgentStatus;
  readonly log: Log;
}

/** Takes commands on the control socket, from before the first scan to after the drain. */
export const openControl = (controlled: Controlled): Promise<Control> =>
  startControl({
    stateDir: controlled.stateDir,
    // The lock is LevelDB's, and it is ours while the database is open.
    isHeld: () => controlled.checkpoints.status.durable,
    routes: routesOf(controlled),
    log: controlled.log,
  });

/** What the running agent can be asked, each room's routes in a line of its own. */
const routesOf = ({ agent, checkpoints, status }: Controlled): ControlRoutes => {
  const positions = new LivePositions(agent, checkpoints);
  return {
    'GET /health': () => Promise.resolve(healthReport(status(), true)),
    'GET /records-delivered': () =>
      Promise.resolve(
        Object.fromEntries(status().outputs.map(({ name, delivery }) => [name, delivery.recordsDelivered])),
      ),
    ...letterRoutes((output) => agent.lettersOf(output)),
    ...positionRoutes(positions),
    ...findRoute({ configuration: () => agent.settings, positionOf: (fileId) => positions.positionOf(fileId) }),
  };
};
