import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  // Or the file `schema.graphql`, or `http://localhost:4000/graphql` (introspection).
  schema: 'http://localhost:4000/schema.graphql',
  generates: {
    'graphql/': {
      preset: 'client',
      documents: '**/*.graphql',
      presetConfig: { fragmentMasking: false },
      config: {
        scalars: { DateTime: 'string', EmailAddress: 'string' },
        useTypeImports: true, // for `verbatimModuleSyntax`, which Vite's templates turn on
      },
    },
  },
}

export default config
