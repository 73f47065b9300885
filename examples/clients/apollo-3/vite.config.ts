import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue()],
  // One origin for the page and the API. `ws` is for subscriptions.
  server: { proxy: { '/graphql': { target: process.env.API_URL ?? 'http://localhost:4000', ws: true } } },
})
