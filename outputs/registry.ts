import * as cloudwatch from './cloudwatch/settings.js';
import * as elasticsearch from './elasticsearch/settings.js';
import * as file from './file/settings.js';
import * as http from './http/settings.js';
import type { Output, OutputContext, OutputModule, SettingsTable } from './output.js';
import * as stdout from './stdout/settings.js';
import type { ValuesOf } from '../src/types/setting.js';

/** A type of output as the rest of the program sees it: its settings load with the program, its code and SDK only when it is chosen. */
export interface RegisteredOutput {
  readonly settings: SettingsTable;
  readonly batchMaxBytes: string;
  readonly batchMaxWait: string;
  create(context: OutputContext<Readonly<Record<string, unknown>>>): Promise<Output>;
}

interface Declaration<Table extends SettingsTable> {
  readonly settings: Table;
  readonly defaults: { readonly batchMaxBytes: string; readonly batchMaxWait: string };
}

function register<Table extends SettingsTable>(
  { settings, defaults }: Declaration<Table>,
  load: () => Promise<{ readonly output: OutputModule<Table> }>,
): RegisteredOutput {
  return {
    settings,
    ...defaults,
    create: async (context) => {
      const module = await load();
      // The configuration made these values by this very table.
      return module.output.create(context as OutputContext<ValuesOf<Table>>);
    },
  };
}

/** Every output there is. Adding one touches its folder and one line here. */
export const outputs: Readonly<Record<string, RegisteredOutput>> = {
  cloudwatch: register(cloudwatch, () => import('./cloudwatch/index.js')),
  elasticsearch: register(elasticsearch, () => import('./elasticsearch/index.js')),
  file: register(file, () => import('./file/index.js')),
  http: register(http, () => import('./http/index.js')),
  stdout: register(stdout, () => import('./stdout/index.js')),
};
