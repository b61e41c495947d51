import Model
import Planning

/// Carries out a plan's changes: independent ones side by side, in the largest batches that their dependencies allow.
///
/// What depends on a failed change is skipped; everything else goes on.
struct Executor {
    /// Handlers by the kinds they handle.
    private let handlers: [any ObjectHandler]
    private let handlerOfKind: [ObjectKind: Int]
    /// Called as each change is handed to its handler.
    private let begins: @Sendable (Int) -> Void
    /// Called as each change is settled.
    private let report: @Sendable (Int, OperationResult) -> Void
    /// One change at a time, in the plan's own order: for tests that stop a pass at each of its steps.
    private let isSerial: Bool
    /// Asked before anything is begun.
    private let shouldStop: @Sendable () -> Bool

    init(
        handlers: [any ObjectHandler], isSerial: Bool = false, shouldStop: @escaping @Sendable () -> Bool = { false },
        begins: @escaping @Sendable (Int) -> Void = { _ in },
        report: @escaping @Sendable (Int, OperationResult) -> Void = { _, _ in }
    ) {
        self.handlers = handlers
        self.isSerial = isSerial
        self.shouldStop = shouldStop
        self.begins = begins
        self.report = report
        var byKind: [ObjectKind: Int] = [:]
        for (index, handler) in handlers.enumerated() { for kind in handler.kinds { byKind[kind] = index } }
        handlerOfKind = byKind
    }

    /// How many changes may be begun beside those that are under way.
    private func limit(_ running: Int) -> Int { shouldStop() ? 0 : isSerial ? 1 - running : .max }

    /// Carries out all changes; one result each. What was not begun is skipped because of itself.
    func run(_ changes: [Change]) async -> [OperationResult] {
        var schedule = Schedule(changes: changes) { change in
            guard let handler = handlerOfKind[change.id.kind] else {
                preconditionFailure("no handler is registered for objects of kind \(change.id.kind.name)")
            }
            return handler
        }
        schedule.joins = handlers.map { $0.isTransactional && !isSerial }
        await withTaskGroup(of: [(Int, OperationResult)].self) { group in
            var running = 0
            func start() {
                for (handler, batch) in schedule.takeReady(limit: limit(running)) {
                    running += 1
                    batch.forEach(begins)
                    group.addTask { [handlers] in
                        let results = await handlers[handler].apply(batch.map { changes[$0] })
                        return Array(zip(batch, results))
                    }
                }
                for (index, result) in schedule.takeSettled() { report(index, result) }
            }
            start()
            while let results = await group.next() {
                running -= 1
                for (index, result) in results { schedule.settle(index, result) }
                start()
            }
        }
        return schedule.results
    }
}

/// What of a plan is done, what is ready, and what waits.
private struct Schedule {
    let changes: [Change]
    /// Handlers whose changes of one pass go together.
    var joins: [Bool] = []
    private let handlerOf: [Int]
    private var waiting: [Int]
    private var dependents: [[Int]]
    private var settled: [OperationResult?]
    private var ready: [Int] = []
    private var unreported: [(Int, OperationResult)] = []

    init(changes: [Change], handler: (Change) -> Int) {
        self.changes = changes
        handlerOf = changes.map(handler)
        waiting = changes.map(\.dependsOn.count)
        dependents = [[Int]](repeating: [], count: changes.count)
        settled = [OperationResult?](repeating: nil, count: changes.count)
        for (index, change) in changes.enumerated() {
            for other in change.dependsOn { dependents[other].append(index) }
        }
        ready = changes.indices.filter { waiting[$0] == 0 }
    }

    var results: [OperationResult] {
        zip(changes, settled).map { change, result in result ?? .skipped(change.id) }
    }

    /// What can start now, a batch a handler. A joining handler's changes are held back while more of them may still
    /// become ready without their help.
    mutating func takeReady(limit: Int) -> [(handler: Int, batch: [Int])] {
        guard limit > 0 else { return [] }
        var batches: [Int: [Int]] = [:]
        var kept: [Int] = []
        var taken = 0
        let held = Set(joins.indices.filter { joins[$0] && mustWait($0) })
        for index in ready.sorted() {
            if taken < limit, !held.contains(handlerOf[index]) {
                batches[handlerOf[index], default: []].append(index)
                taken += 1
            } else {
                kept.append(index)
            }
        }
        ready = kept
        return batches.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// True while a change of this handler waits for one of another handler that is still under way or ahead.
    private func mustWait(_ handler: Int) -> Bool {
        changes.indices.contains { index in
            handlerOf[index] == handler && settled[index] == nil && waiting[index] > 0
                && changes[index].dependsOn.contains {
                    settled[$0] == nil && handlerOf[$0] != handler && !needs($0, handler)
                }
        }
    }

    /// True where a change itself waits for one of this handler: waiting for it would never end.
    private func needs(_ index: Int, _ handler: Int) -> Bool {
        var seen: Set<Int> = []
        var stack = [index]
        while let next = stack.popLast() {
            for other in changes[next].dependsOn where settled[other] == nil && seen.insert(other).inserted {
                if handlerOf[other] == handler { return true }
                stack.append(other)
            }
        }
        return false
    }

    mutating func settle(_ index: Int, _ result: OperationResult) {
        guard settled[index] == nil else { return }
        settled[index] = result
        unreported.append((index, result))
        for other in dependents[index] {
            waiting[other] -= 1
            if result.isDone || canDoWithout(index, other) {
                if waiting[other] == 0, settled[other] == nil { ready.append(other) }
            } else {
                settle(other, .skipped(changes[index].id))
            }
        }
    }

    /// Whether a change goes on where another, which comes before it, does not.
    private func canDoWithout(_ failed: Int, _ other: Int) -> Bool {
        let id = changes[failed].id
        return id.kind.isAuxiliary && changes[other].after?.hangsOn.contains(id) == false
    }

    mutating func takeSettled() -> [(Int, OperationResult)] {
        defer { unreported = [] }
        return unreported
    }
}
