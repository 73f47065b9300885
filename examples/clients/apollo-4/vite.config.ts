import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue()],
  // Only for this repository, which has both versions. Leave it out where `@apollo/client` is version 4.
  resolve: { alias: { '@apollo/client': 'apollo-client-4' } },
  // One origin for the page and the API. `ws` is for subscriptions.
  server: { proxy: { '/graphql': { target: process.env.API_URL ?? 'http://localhost:4000', ws: true } } },
})
