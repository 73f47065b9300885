import { ref } from 'vue'

/** The path of a page whose code could not be loaded; null otherwise. */
export const failedPage = ref<string | null>(null)

/** Whether the server currently responds with the page at `path`. */
export const isPageAvailable = (path: string): Promise<boolean> =>
  fetch(path, { headers: { accept: 'text/html' }, cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )
