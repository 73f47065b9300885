let count = 0

/** A person that no other test of the same database has. */
export function somebody(more: Record<string, unknown> = {}) {
  count += 1
  return {
    username: `person-${count}`,
    email: `person-${count}@example.com`,
    password: 'correct horse battery staple',
    ...more,
  }
}
