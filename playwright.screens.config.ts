import base from './playwright.config.ts'

/** Draws docs/screens anew: `npm run build && npm run screens`. No test: it asserts nothing but that the pages come. */
export default {
  ...base,
  testDir: 'e2e/screens',
  testMatch: '*.screens.ts',
  workers: 1,
  fullyParallel: false,
  webServer: {
    ...base.webServer,
    // A token's life that shows; addresses of the documentation range instead of the machine's own.
    env: { ...base.webServer.env, ACCESS_TOKEN_TTL: '20s', TRUST_PROXY: 'true' },
  },
}
