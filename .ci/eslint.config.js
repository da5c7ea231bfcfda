import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The rooms of the design (section 4). A room may import itself, `src/types` and what `allows` names; nothing else of ours.
 * `lane` composes the rooms along the data path; `agent`, `main` and `commands` compose everything.
 */
const rooms = {
  'src/types': [],
  'src/kernel': [],
  'src/files': [],
  'src/lines': [],
  'src/formats': [],
  'src/processing': [],
  'src/delivery': [],
  'src/checkpoints': [],
  'src/health': [],
  'src/control': [],
  'src/lane': [
    'src/files',
    'src/kernel',
    'src/lines',
    'src/formats',
    'src/processing',
    'src/delivery',
    'src/checkpoints',
  ],
  outputs: [],
  config: [],
};
const everyRoom = Object.keys(rooms);

const roomRules = everyRoom.map((room) => {
  const forbidden = everyRoom.filter(
    (other) => other !== room && other !== 'src/types' && !rooms[room].includes(other),
  );
  const above = ['**/agent.js', '**/main.js', '**/commands/*'];
  return {
    files: [`${room}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...forbidden.map((other) => `**/${other.replace('src/', '')}/**`), ...above],
              message: `${room} may not import this room: data flows one way (design, section 4).`,
            },
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['dist/**', 'build/**', 'node_modules/**', '.services/**', 'bench/peers/**', 'src/kernel/assembly/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['**/*.test.ts', 'test/**/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'off' } },
  ...roomRules,
);
