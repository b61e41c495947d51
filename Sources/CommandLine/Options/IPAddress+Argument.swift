import ArgumentParser
import Model

extension IPAddress: ExpressibleByArgument {
    /// An address of either family.
    public init?(argument: String) { self.init(argument) }
}
