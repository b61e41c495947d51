import Agent
import ArgumentParser

/// A label of this node as an argument: `KEY=VALUE`.
struct NodeLabel: ExpressibleByArgument {
    let key: String
    let value: String

    init?(argument: String) {
        guard let (key, value) = NodeLabelFile.label(argument) else { return nil }
        (self.key, self.value) = (key, value)
    }
}
