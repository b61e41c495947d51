/// A place in a manifest.
public struct SourcePosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The path as the user would write it.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int

    /// A place in a file.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`.
    public var description: String { "\(file):\(line):\(column)" }

    /// By file, line, column.
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        if left.file != right.file { return left.file < right.file }
        return left.line == right.line ? left.column < right.column : left.line < right.line
    }
}
