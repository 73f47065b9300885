import { getMetadataArgsStorage } from 'typeorm'

/** Some properties of an entity, for hand-written statements. */
export interface Shape<Model> {
  /** The columns of a table, under the names of the properties: `s.user_id AS "userId"`. @param prefix of these names */
  columns(table: string, prefix?: string): string
  /** Reads the properties from a row that has these columns. */
  read(row: object, prefix?: string): Model
}

/**
 * The entity alone knows which column is which property. It is asked once, when the statements are written: TypeORM's own
 * mapping of a row costs more than the rest of the program's work for a statement.
 * @see docs/decisions/0011-named-statements.md
 */
export function shapeOf<Entity, Property extends keyof Entity & string>(
  entity: new () => Entity,
  properties: readonly Property[],
): Shape<Pick<Entity, Property>> {
  const columnNames = new Map(
    getMetadataArgsStorage().columns.flatMap(({ target, propertyName, options }) =>
      target === entity ? [[propertyName, options.name ?? propertyName]] : [],
    ),
  )
  for (const property of properties) {
    if (!columnNames.has(property)) throw new Error(`${entity.name} has no column for ${property}.`)
  }
  return {
    columns: (table, prefix = '') =>
      properties.map((property) => `${table}.${columnNames.get(property)} AS "${prefix}${property}"`).join(', '),
    read(row, prefix = '') {
      const values = row as Record<string, Entity[Property]>
      const model: Partial<Record<Property, Entity[Property]>> = {}
      for (const property of properties) model[property] = values[prefix + property] as Entity[Property]
      return model as Pick<Entity, Property>
    },
  }
}
