import { accountExamples } from './account-examples.ts'
import { adminExamples } from './admin-examples.ts'
import type { Example } from './example.ts'
import { sessionExamples } from './session-examples.ts'

/**
 * A tour of the API. It starts with `me`, which works after one click on a sign-in.
 * @param demoUser the email address of the demo user, if there is one.
 */
export const examplesFor = (demoUser: string | null): Example[] => [
  ...sessionExamples,
  ...accountExamples(demoUser ?? 'ada@example.com'),
  ...adminExamples,
]
