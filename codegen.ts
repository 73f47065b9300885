import type { CodegenConfig } from '@graphql-codegen/cli'
import examples from './examples/clients/codegen.ts'

const scalars = { DateTime: 'string', EmailAddress: 'string' }

const config: CodegenConfig = {
  schema: 'schema.graphql',
  generates: {
    'server/src/graphql/generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        avoidOptionals: { field: true, query: true, mutation: true, subscription: true },
        inputMaybeValue: 'T | null | undefined',
        contextType: './context.ts#GraphContext',
        mappers: {
          User: '../core/model.ts#User as UserModel',
          Session: '../core/model.ts#Session as SessionModel',
          SecurityEvent: '../core/model.ts#SecurityEvent as SecurityEventModel',
        },
        scalars: { DateTime: { input: 'Date', output: 'Date' }, EmailAddress: 'string', ID: 'string' },
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
      },
    },
    'client/src/graphql/generated.ts': {
      documents: 'client/src/app/**/*.graphql',
      plugins: ['typescript-operations', 'typed-document-node'],
      config: { useTypeImports: true, enumsAsTypes: true, scalars },
    },
    'examples/clients/graphql/': {
      ...examples.generates['graphql/'],
      documents: 'examples/clients/*.graphql',
    },
  },
}

export default config
