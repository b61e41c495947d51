/// Lets global options stand before the subcommand, where people who know docker and kubectl write them.
///
/// The argument parser gives everything before a subcommand to the default one; so the subcommand is moved to the front.
enum ArgumentOrder {
    /// Options that take a value as the next argument.
    private static let withValue: Set<String> = [
        "-o", "--output", "--log-format", "--log-level", "--set", "--runtime-dir", "--data-dir",
    ]

    static func subcommandFirst(_ arguments: [String], subcommands: Set<String>) -> [String] {
        var index = 0
        while index < arguments.count, arguments[index].hasPrefix("-"), arguments[index] != "--" {
            index += withValue.contains(arguments[index]) ? 2 : 1
        }
        guard index > 0, index < arguments.count, subcommands.contains(arguments[index]) else { return arguments }
        var arguments = arguments
        arguments.insert(arguments.remove(at: index), at: 0)
        return arguments
    }
}
