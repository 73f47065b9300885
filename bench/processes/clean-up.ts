type Release = () => Promise<unknown> | unknown

const releases = new Set<Release>()

/** Registers what has to happen at the end of a group, even if it fails. @returns a function that does it now */
export function atTheEnd(release: Release): () => Promise<void> {
  releases.add(release)
  return async () => {
    if (releases.delete(release)) await release()
  }
}

/** Releases what is still held, the latest first. One failure does not keep the rest from being released. */
export async function releaseAll(): Promise<void> {
  for (const release of [...releases].reverse()) {
    releases.delete(release)
    await Promise.resolve()
      .then(release)
      .catch((error: unknown) => process.stderr.write(`Could not clean up: ${error}\n`))
  }
}
