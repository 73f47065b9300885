/** The pages of the menu, in its order. */
export const PAGES: readonly { path: string; title: string; admin?: boolean }[] = [
  { path: '/', title: 'overview.title' },
  { path: '/devices', title: 'devices.title' },
  { path: '/security', title: 'security.title' },
  { path: '/inspector', title: 'inspector.title' },
  { path: '/admin/users', title: 'users.title', admin: true },
]
