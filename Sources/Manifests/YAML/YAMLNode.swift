/// One value of a YAML document, as a row of its tree: 28 bytes without references, so that 10 MiB of YAML stay cheap.
struct YAMLNode {
    /// What YAML knows; all finer types are the schema's.
    enum Kind: UInt8 {
        case scalar
        case sequence
        case mapping
    }

    var kind: Kind
    /// A scalar without quotes, or a collection in block style: what may be empty, null or `<<`.
    var isPlain: Bool
    /// Stands for an alias that names nothing, which is reported: no further error is worth a word.
    var isPlaceholder = false
    /// A mapping with a `<<` key.
    var hasMerge = false
    /// From 1.
    var line: Int32
    /// From 1, in characters.
    var column: Int32
    /// Characters to underline.
    var length: Int32
    /// Scalars: the first byte in the tree's `text`. Collections: the first entry in its `children`.
    var start: Int32 = 0
    /// Bytes or entries; a mapping has two entries a member.
    var count: Int32 = 0
    /// What reading it costs, aliases expanded: values below it and their text. Saturates.
    var weight: UInt32 = 1
}

/// A node's row in its tree.
typealias NodeIndex = Int32
