import Glibc

/// Lets global options stand before the subcommand, where people who know docker and kubectl write them.
///
/// The argument parser gives everything before a subcommand to the default one; so the subcommand is moved to the front.
enum ArgumentOrder {
    /// Options that take a value as the next argument.
    private static let withValue: Set<String> = [
        "-o", "--output", "--log-format", "--log-level", "--set", "--runtime-dir", "--data-dir", "--address-pool",
        "--node-label",
    ]

    /// - Parameter groups: Subcommands that have subcommands of their own, with these; those below a group by both
    ///   names, with a space between.
    static func subcommandFirst(
        _ arguments: [String], subcommands: Set<String>, groups: [String: Set<String>] = [:]
    ) -> [String] {
        var (ordered, words) = (first(arguments, subcommands), [String]())
        while let word = ordered.first, let inner = groups[(words + [word]).joined(separator: " ")] {
            words.append(word)
            ordered = first(Array(ordered.dropFirst()), inner)
        }
        return words + ordered
    }

    private static func first(_ arguments: [String], _ subcommands: Set<String>) -> [String] {
        var index = 0
        while index < arguments.count, arguments[index].hasPrefix("-"), arguments[index] != "--" {
            index += withValue.contains(arguments[index]) ? 2 : 1
        }
        guard index > 0, index < arguments.count, subcommands.contains(arguments[index]) else { return arguments }
        var arguments = arguments
        arguments.insert(arguments.remove(at: index), at: 0)
        return arguments
    }

    /// A word in the place of a command that is none, no path, but almost a command: without a command it would be taken
    /// for a path to apply. `meant` are all the words of the command that it is near to.
    ///
    /// - Parameters:
    ///   - arguments: with the subcommands first.
    ///   - subcommands: those that people use.
    ///   - groups: as for ``subcommandFirst(_:subcommands:groups:)``.
    static func mistyped(
        _ arguments: [String], subcommands: Set<String>, groups: [String: Set<String>] = [:]
    ) -> (word: String, meant: String)? {
        var (rest, words, names) = (arguments[...], [String](), subcommands)
        while true {
            while let option = rest.first, option.hasPrefix("-"), option != "--" {
                guard withValue.contains(option) || isComplete(option) else { return nil }
                rest = rest.dropFirst(withValue.contains(option) ? 2 : 1)
            }
            guard let word = rest.first, word != "help", word != "--" else { return nil }
            if names.contains(word) {
                words.append(word)
                guard let inner = groups[words.joined(separator: " ")] else { return nil }
                (rest, names) = (rest.dropFirst(), inner)
                continue
            }
            // Only where no command is named yet the word may be a path.
            if words.isEmpty, word.contains("/") || word.contains(".") || access(word, F_OK) == 0 { return nil }
            return names.sorted().first { isNear(word, $0) }.map { near in
                ((words + [word]).joined(separator: " "), (words + [near]).joined(separator: " "))
            }
        }
    }

    /// Whether no value follows an option, as far as that is known without its command.
    private static func isComplete(_ option: String) -> Bool { option.contains("=") || option == "--no-color" }

    /// One letter wrong, missing, too many, or two exchanged.
    private static func isNear(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left), Array(right))
        let start = zip(left, right).prefix { $0 == $1 }.count
        let (first, second) = (left[start...], right[start...])
        return first.dropFirst() == second || first == second.dropFirst() || first.dropFirst() == second.dropFirst()
            || first.count >= 2 && second.count >= 2 && first.dropFirst(2) == second.dropFirst(2)
                && Set(first.prefix(2)) == Set(second.prefix(2))
    }
}
