/** Messages of Protocol Buffers from a table of their fields, so that no file of theirs has to be compiled. */
import protobuf from 'protobufjs/light.js'

type FieldDescriptor = readonly [type: string, id: number, rule?: 'repeated']

/** Fields by message and name; those of a file that are not in the table are skipped. */
export type Messages = Readonly<Record<string, Readonly<Record<string, FieldDescriptor>>>>

/** @returns the type of the message `name`, which encodes and decodes */
export function messageType(messages: Messages, name: string): protobuf.Type {
  const nested = Object.entries(messages).map(([message, fields]) => {
    const described = Object.entries(fields).map(([field, [type, id, rule]]) => [
      field,
      rule === undefined ? { type, id } : { type, id, rule },
    ])
    return [message, { fields: Object.fromEntries(described) as Record<string, protobuf.IField> }]
  })
  return protobuf.Root.fromJSON({
    nested: Object.fromEntries(nested) as Record<string, protobuf.AnyNestedObject>,
  }).lookupType(name)
}
