import { normalizePath, type Plugin, type Rolldown } from 'vite'

/**
 * Lets a page load a module that its entry imports on demand, and all that this module needs, together with the entry.
 * @param options.page the HTML file of the page
 * @param options.module the path of the module
 */
export function preloadChunk({ page, module }: { page: string; module: string }): Plugin {
  return {
    name: 'preload-chunk',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle, filename }) {
        if (!bundle || !normalizePath(filename).endsWith(`/${page}`)) return html
        const chunks = new Map(
          Object.values(bundle)
            .filter((output): output is Rolldown.OutputChunk => output.type === 'chunk')
            .map((chunk) => [chunk.fileName, chunk]),
        )
        const first = [...chunks.values()].find(({ facadeModuleId }) => facadeModuleId === normalizePath(module))
        if (!first) throw new Error(`${module} is not imported on demand.`)
        const files = new Set([first.fileName])
        for (const file of files) for (const imported of chunks.get(file)?.imports ?? []) files.add(imported)
        const styles = new Set([...files].flatMap((file) => [...(chunks.get(file)?.viteMetadata?.importedCss ?? [])]))
        const link = (rel: string, file: string) => ({
          tag: 'link',
          attrs: { rel, crossorigin: true, href: `/${file}` },
          injectTo: 'head' as const,
        })
        return [
          ...[...styles].map((file) => link('stylesheet', file)),
          ...[...files].map((file) => link('modulepreload', file)),
        ].filter(({ attrs }) => !html.includes(`href="${attrs.href}"`))
      },
    },
  }
}
