import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { compressBuild } from './compress-build.ts'
import { preloadChunk } from './preload-chunk.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const api = process.env.API_URL ?? 'http://127.0.0.1:4001'

export default defineConfig(({ command }) => ({
  plugins: [
    // No component uses the options API.
    vue({ features: { optionsAPI: false } }),
    preloadChunk({ page: 'index.html', module: here('src/app/start-app.ts') }),
    compressBuild(),
  ],
  define: {
    // Apollo Client keeps its checks and messages for developers otherwise.
    ...(command === 'build' && { 'globalThis.__DEV__': 'false' }),
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    // Our texts are compiled by ui/message-compiler.ts, but in development by Vue I18n.
    ...(command === 'build' && { __INTLIFY_DROP_MESSAGE_COMPILER__: true }),
  },
  root: here('.'),
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    target: 'es2022',
    // The playground's editor is large, and loaded on its own page only.
    chunkSizeWarningLimit: 8_000,
    rolldownOptions: {
      input: { app: here('index.html'), playground: here('playground.html') },
      // Both pages use the session library. In one file, it costs the first page less than in several small ones.
      output: {
        codeSplitting: {
          groups: [
            { name: 'session', test: /client[\\/]src[\\/](session|browser|transport|index\.ts)/ },
            // Over HTTP/1.1, each file beyond the sixth waits for another one.
            {
              name: 'vue',
              test: /node_modules[\\/](@vue[\\/](runtime|reactivity|shared)|vue[\\/]|vue-router|vue-i18n|@intlify)/,
            },
            { name: 'apollo', test: /node_modules[\\/](@apollo|@wry|optimism|zen-observable|ts-invariant)/ },
          ],
        },
      },
      // React's libraries mark their files with "use client" by the dozen; there is no server here to care.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
      },
    },
  },
  // The optimizer of the development server cannot read the ?worker imports of these.
  optimizeDeps: {
    exclude: ['graphiql/setup-workers/vite', '@graphiql/react/setup-workers/vite'],
    // Its workers import these, which are no ES modules.
    include: ['monaco-graphql > picomatch-browser', 'graphql-language-service'],
  },
  server: {
    port: Number(process.env.PORT ?? 4000),
    strictPort: true,
    proxy: {
      '/graphql': {
        target: api,
        ws: true,
        // A browser that goes there wants the playground; everything else is for the API.
        bypass: ({ method, headers }) =>
          method === 'GET' && headers.accept?.includes('text/html') && headers.upgrade === undefined
            ? '/playground.html'
            : undefined,
      },
      '/playground.json': api,
      '/demo-sign-in': api,
      '/schema.graphql': api,
      '/healthz': api,
      '/readyz': api,
      '/metrics': api,
    },
  },
}))
