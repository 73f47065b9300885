// @ts-check
// The import rules of the tree, for `npm run lint:imports`. test/import-arrows.test.ts proves that each of them can fail.

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

/** Tests, and suites that several tests run. */
const TESTS = '\\.(test|contract)\\.ts$'

/** The files of the server that connect the parts; they may import every part. */
const WIRING = '^server/src/(app|create-[a-z-]+|index|main|admin)\\.ts$'

/** What the server's folders may import beside their neighbours. */
const SHARED = 'errors\\.ts$'

/** The entries of the client library: `exports` in client/package.json. */
const LIBRARY =
  '^client/src/(index|session/index|apollo/silent-refresh-link|fetch/silent-refresh-fetch|graphql-ws/silent-refresh-socket|vue/index|inspector/session-inspector)\\.ts$'

/** The files where programs and users of the library start. */
const ENTRIES = [
  '^server/src/(main|admin|index)\\.ts$',
  '^server/src/start/(preload-env-file|compile-cache)\\.mjs$',
  LIBRARY,
  '^client/src/(app|playground)/main\\.tsx?$',
]

const FEATURES = 'sign-in|overview|devices|security|users|inspector'

/** Packages by name, resolved or not. @param {string} names separated by `|` */
const packages = (names) => `(^|node_modules/)(${names})(/|$)`

/**
 * @param {string} name
 * @param {string | { path: string, pathNot: string }} from
 * @param {import('dependency-cruiser').IRegularForbiddenRuleType['to']} to the imports to refuse
 * @param {string} comment
 * @returns {Rule}
 */
const refuse = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: typeof from === 'string' ? { path: from, pathNot: TESTS } : { ...from, pathNot: [from.pathNot, TESTS] },
  to,
})

/** @type {Rule[]} */
const server = [
  refuse(
    'server-core',
    '^server/src/core/',
    {
      pathNot: [
        `^server/src/(core/|${SHARED})`,
        '^(node:)?(crypto|url)$',
        packages('jsonwebtoken|lru-cache|zod|ipaddr\\.js'),
      ],
    },
    'The core imports itself, errors.ts and small pure libraries, and declares a port for everything else.',
  ),
  refuse(
    'server-graphql',
    '^server/src/graphql/',
    { path: ['^server/src/', packages('typeorm|pg|fastify')], pathNot: `^server/src/(graphql/|core/|${SHARED})` },
    'graphql/ translates between requests and the core. It knows neither db/ nor http/.',
  ),
  refuse(
    'server-db',
    '^server/src/db/',
    {
      path: ['^server/src/', packages('graphql|@apollo/[^/]+|fastify')],
      pathNot: `^server/src/(db/|core/|${SHARED})`,
    },
    "db/ implements the core's ports. It knows neither graphql/ nor http/.",
  ),
  refuse(
    'server-http',
    '^server/src/http/',
    {
      path: ['^server/src/', packages('typeorm|pg')],
      pathNot: `^server/src/(http/|graphql/|core/|config\\.ts$|${SHARED})`,
    },
    'http/ serves graphql/. It does not know db/.',
  ),
  refuse(
    'server-rest',
    { path: '^server/src/(workers/|[^/]+$)', pathNot: WIRING },
    { path: '^server/src/(db|graphql|http)/' },
    'Only the files that connect the parts may import db/, graphql/ and http/ together.',
  ),
  refuse(
    'server-wiring',
    { path: '^server/src/', pathNot: WIRING },
    { path: WIRING },
    'Nothing imports the files that connect the parts, except one another.',
  ),
]

/**
 * A folder of the client library with the local files and packages that it may import.
 * @param {string} folder @param {string} files @param {string} names
 */
const adapter = (folder, files, names) =>
  refuse(
    `client-${folder}`,
    `^client/src/${folder}/`,
    { pathNot: [`^client/src/(${folder}/|${files})`, ...(names ? [packages(names)] : [])] },
    'An adapter imports the public surface of session/ and the library that it adapts, but no other adapter.',
  )

/** @type {Rule[]} */
const client = [
  refuse(
    'client-session',
    '^client/src/session/',
    { pathNot: '^client/src/session/' },
    'The core imports only itself and declares a port for everything else.',
  ),
  adapter('browser', 'session/(index|warn)\\.ts$', 'idb'),
  adapter('transport', 'session/(index|warn)\\.ts$', ''),
  adapter('graphql-ws', 'session/(index|warn)\\.ts$', 'graphql-ws'),
  adapter(
    'apollo',
    '(session/(index|warn|async/listen-while-alive)|transport/graphql-errors)\\.ts$',
    '@apollo/client|graphql',
  ),
  adapter('fetch', '(session/(index|warn)|transport/graphql-errors)\\.ts$', ''),
  adapter('inspector', 'session/(index|warn)\\.ts$', 'vue|uplot'),
  adapter('vue', 'session/(index|warn|async/listen-while-alive)\\.ts$|apollo/', 'vue'),
  refuse(
    'client-index',
    '^client/src/index\\.ts$',
    { pathNot: '^client/src/(session/index\\.ts$|browser/|transport/)' },
    'What needs Vue or Apollo has an entry of its own.',
  ),
  refuse(
    'client-library',
    { path: '^client/src/', pathNot: '^client/src/(app|graphql)/' },
    { path: '^client/src/(app|graphql)/' },
    'The app is built on the library, not the other way round.',
  ),
  refuse(
    'client-app',
    '^client/src/app/',
    { path: '^client/src/', pathNot: ['^client/src/(app|graphql|inspector|page)/', LIBRARY] },
    'The app imports the library through its entries; of the inspector it loads parts on demand. It shares page/ with the playground.',
  ),
]

/**
 * A folder of the app with the files of the app that it may import.
 * @param {string} name @param {string} folder @param {string} files @param {string} comment
 */
const appFolder = (name, folder, files, comment) =>
  refuse(
    `app-${name}`,
    `^client/src/app/(${folder})/`,
    { path: '^client/src/app/', pathNot: `^client/src/app/(${files})` },
    comment,
  )

/** @type {Rule[]} */
const app = [
  appFolder('feature', FEATURES, '$1/|api/|ui/|locales/', 'A feature imports api/ and ui/, but no other feature.'),
  appFolder(
    'shell',
    'shell',
    'shell/|api/|ui/|locales/|router\\.ts$',
    'shell/ surrounds the features without knowing them.',
  ),
  appFolder('api', 'api', 'api/|locales/', 'api/ does not know what uses it.'),
  appFolder('ui', 'ui', 'ui/|locales/|api/error-info\\.ts$', 'ui/ does not know what uses it.'),
  appFolder('locales', 'locales', 'locales/', 'The texts do not know what uses them.'),
]

/** @type {Rule[]} */
const everywhere = [
  {
    name: 'no-cycles',
    severity: 'error',
    comment: 'Imports form no cycles, not even of types.',
    from: {},
    to: { circular: true },
  },
  refuse('server-to-client', '^server/', { path: '^client/' }, 'The workspaces share schema.graphql and nothing else.'),
  refuse('client-to-server', '^client/', { path: '^server/' }, 'The workspaces share schema.graphql and nothing else.'),
  refuse(
    'source-to-tests',
    '^(server|client)/src/',
    { path: [TESTS, '^(server|client)/test/', '^(bench|e2e|scripts|test)/'] },
    'Tests depend on the source, not the other way round.',
  ),
  {
    name: 'no-unused-files',
    severity: 'error',
    comment: 'Every source file is imported by an entry, directly or through others.',
    from: { path: ENTRIES },
    to: {
      path: '^(server|client)/src/',
      // The thread pool loads its worker by URL, and what that imports with it.
      pathNot: [TESTS, '^server/src/workers/(bcrypt-worker|load-bcrypt)\\.mjs$', ...ENTRIES],
      reachable: false,
    },
  },
]

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...server, ...client, ...app, ...everywhere],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(server|client)/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
}
