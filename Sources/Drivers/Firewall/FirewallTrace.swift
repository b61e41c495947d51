import Model

/// Follows a flow through somebody else's base chain, as far as its rules can be understood.
///
/// A rule that surely matches decides. One that matches some packets of a flow drops some of them, which is its author's
/// business; it counts as an accept where it names our bridge, subnet or port: then somebody has thought of us.
struct FirewallTrace {
    let firewall: HostFirewall
    /// Links that lead out.
    let uplinks: [String]

    enum Outcome: Equatable {
        case passes
        /// Dropped by the policy, or by a rule of the chain named.
        case dropped(by: HostFirewall.Name?)
    }

    /// As deep as the kernel lets chains lead to each other (NFT_JUMP_STACK_SIZE).
    private static let depth = 16

    func outcome(_ base: HostFirewall.Base, _ flow: ForwardedFlow) -> Outcome {
        walk(base.name, flow, isCertain: true, isNamed: false, depth: 0)
            ?? (base.policyDrops ? .dropped(by: nil) : .passes)
    }

    /// `nil` where the chain decides nothing.
    private func walk(
        _ name: HostFirewall.Name, _ flow: ForwardedFlow, isCertain: Bool, isNamed: Bool, depth: Int
    ) -> Outcome? {
        guard depth < Self.depth else { return nil }
        var isCertain = isCertain
        for rule in firewall.rules[name] ?? [] {
            let match = match(rule.conditions, flow)
            if match == .none { continue }
            let isWhole = match.isWhole
            let isSure = isCertain && isWhole
            let isOurs = isNamed || match.isNamed
            switch rule.verdict {
            case .accept: if isSure || isOurs { return .passes }
            case .drop: if isSure { return .dropped(by: name) }
            case .returns:
                if isWhole { return nil }
                // Some of them are gone: what follows is surely only for the others.
                isCertain = false
            case .jump(let chain), .goto(let chain):
                let inner = walk(
                    name.sibling(chain), flow, isCertain: isSure, isNamed: isOurs, depth: depth + 1)
                if let inner { return inner }
                if case .goto = rule.verdict, isWhole { return nil }
            }
        }
        return nil
    }

    /// How much of a flow a condition takes in.
    private enum Match: Equatable {
        case none
        case part(isNamed: Bool)
        case whole(isNamed: Bool)

        var isWhole: Bool { if case .whole = self { true } else { false } }
        var isNamed: Bool {
            switch self {
            case .none: false
            case .part(let isNamed), .whole(let isNamed): isNamed
            }
        }

        /// The same, of which only the number matters that is taken in.
        init(_ count: Int, of all: Int, isNamed: Bool = false) {
            self = count == 0 ? .none : count == all ? .whole(isNamed: isNamed) : .part(isNamed: isNamed)
        }

        /// Anything but that. Who excludes us has not opened anything for us.
        func negated(_ isNegated: Bool) -> Match {
            guard isNegated else { return self }
            switch self {
            case .none: return .whole(isNamed: false)
            case .part: return .part(isNamed: false)
            case .whole: return .none
            }
        }
    }

    private func match(_ conditions: [HostFirewall.Condition], _ flow: ForwardedFlow) -> Match {
        var isWhole = true
        var isNamed = false
        for condition in conditions {
            let match = match(condition, flow)
            if match == .none { return .none }
            isWhole = isWhole && match.isWhole
            isNamed = isNamed || match.isNamed
        }
        return isWhole ? .whole(isNamed: isNamed) : .part(isNamed: isNamed)
    }

    private func match(_ condition: HostFirewall.Condition, _ flow: ForwardedFlow) -> Match {
        switch condition {
        case .other: return .part(isNamed: false)
        case .family(let family): return family == flow.family ? .whole(isNamed: false) : .none
        case .state(let states, let isNegated):
            return Match(states.contains("new") ? 1 : 0, of: 1).negated(isNegated)
        case .status(let statuses, let isNegated):
            return Match(flow.isTranslated && statuses.contains("dnat") ? 1 : 0, of: 1).negated(isNegated)
        case .link(let isInput, let patterns, let isNegated):
            return link(isInput ? input(flow) : output(flow), patterns).negated(isNegated)
        case .address(let isSource, let prefixes, let isNegated):
            return address(isSource ? source(flow) : destination(flow), prefixes).negated(isNegated)
        case .port(let ranges, let isNegated):
            guard !flow.ports.isEmpty else { return .part(isNamed: false) }
            let hits = flow.ports.filter { port in ranges.contains { $0.contains(port) } }
            // Whatever the protocol is.
            return (hits.isEmpty ? Match.none : .part(isNamed: true)).negated(isNegated)
        }
    }

    /// The links that a flow comes in by; `nil` for none.
    private func input(_ flow: ForwardedFlow) -> [String]? {
        switch flow.kind {
        case .inbound: uplinks
        case .outbound, .within, .names: [flow.bridge]
        case .local: nil
        }
    }

    /// The links that a flow goes out by. What was sent to 127.0.0.1 is still on its way to `lo` at the output hook,
    /// though its destination is translated by then.
    private func output(_ flow: ForwardedFlow) -> [String]? {
        switch flow.kind {
        case .inbound, .within: [flow.bridge]
        case .outbound: uplinks
        case .local: ["lo"]
        case .names: nil
        }
    }

    private func link(_ links: [String]?, _ patterns: [String]) -> Match {
        guard let links else { return .none }
        // No uplink is known: it may be any.
        guard !links.isEmpty else { return .part(isNamed: false) }
        let hits = links.count { link in patterns.contains { Self.matches(link, $0) } }
        return Match(hits, of: links.count, isNamed: links != uplinks)
    }

    private static func matches(_ link: String, _ pattern: String) -> Bool {
        pattern.last == "*" ? link.hasPrefix(pattern.dropLast()) : link == pattern
    }

    private func source(_ flow: ForwardedFlow) -> IPPrefix? {
        [.outbound, .within, .names].contains(flow.kind) ? flow.subnet : nil
    }

    private func destination(_ flow: ForwardedFlow) -> IPPrefix? { flow.kind == .outbound ? nil : flow.subnet }

    private func address(_ own: IPPrefix?, _ prefixes: [IPPrefix]) -> Match {
        guard let own else {
            return prefixes.contains { $0.length == 0 } ? .whole(isNamed: false) : .part(isNamed: false)
        }
        let near = prefixes.filter { $0.overlaps(own) }
        if near.isEmpty { return .none }
        let isWhole = near.contains { $0.length <= own.length }
        let isNamed = near.contains { $0.length > 0 }
        return isWhole ? .whole(isNamed: isNamed) : .part(isNamed: isNamed)
    }
}
