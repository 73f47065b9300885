/** The pages of the menu, in its order. */
export const PAGES: readonly { path: string; title: string; admin?: boolean }[] = [
  { path: '/', title: 'overview.title' },
]
