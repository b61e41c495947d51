import Model

/// The difference between what the manifests say and what the kernel has, as operations in an order that works.
public struct Plan: Sendable {
    /// How many operations of each kind.
    public struct Summary: Hashable, Sendable {
        /// Creates.
        public var add = 0
        /// Updates in place.
        public var change = 0
        /// Deletes followed by creates.
        public var replace = 0
        /// Deletes.
        public var delete = 0
    }

    /// What was changed outside of reconcile: a part of `changes`, which repair it, and of `withheld`.
    public var drift: [Change]
    /// The operations, grouped by resource as the text shows them.
    public var changes: [Change]
    /// The differences that are left as they are: those of resources that are suspended, and drift that is only reported.
    public var withheld: [Change] = []
    /// What could not be planned, and warnings.
    public var diagnostics: [Diagnostic]
    /// How many resources the manifests describe.
    public var resourceCount: Int
    /// Names the state of the manifests: a git commit, or a hash of what they say.
    public var revision: String
    /// Where the manifests have each resource; empty where nothing changes.
    public var sources: [ResourceID: SourcePosition] = [:]

    /// A plan.
    public init(
        drift: [Change] = [], changes: [Change] = [], diagnostics: [Diagnostic] = [], resourceCount: Int = 0,
        revision: String = ""
    ) {
        self.drift = drift
        self.changes = changes
        self.diagnostics = diagnostics
        self.resourceCount = resourceCount
        self.revision = revision
    }

    /// Nothing to do.
    public var isEmpty: Bool { changes.isEmpty }

    /// True where a diagnostic is an error.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The operations counted.
    public var summary: Summary {
        var summary = Summary()
        for change in changes {
            switch change.action {
            case .create: summary.add += 1
            case .update: summary.change += 1
            case .replace: summary.replace += 1
            case .delete: summary.delete += 1
            }
        }
        return summary
    }
}
